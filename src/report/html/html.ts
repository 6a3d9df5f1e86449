import type { RunReport } from '../../journal/run-report.js';
import { CLIENT } from './client.generated.js';
import { reportData } from './data.js';
import { scriptJson } from './script-json.js';

/**
 * The run as one page that needs nothing else: it loads nothing, and its policy lets it run only the script and the style
 * that it was built with, by their hashes (https://www.w3.org/TR/CSP3/). All that a build could have written is in a
 * block of data, which the script only ever shows as text; Trusted Types hold it to that.
 */
export function renderHtml(report: RunReport): string {
  const policy = [
    "default-src 'none'",
    `script-src '${CLIENT.scriptHash}'`,
    `style-src '${CLIENT.styleHash}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<meta name="referrer" content="no-referrer">',
    '<title>Build report</title>',
    `<style>${CLIENT.style}</style>`,
    '</head>',
    '<body>',
    CLIENT.body,
    `<script type="application/json" id="report-data">${scriptJson(reportData(report))}</script>`,
    `<script>${CLIENT.script}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}
