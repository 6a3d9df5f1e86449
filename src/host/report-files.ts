import type { RunReport } from '../journal/run-report.js';
import { renderJson } from '../report/json.js';
import { renderJunit } from '../report/junit.js';
import { renderSummary } from '../report/summary.js';
import { renderTrace } from '../report/trace.js';

/** The files that a run is reported in, beside its journal and logs. */
export const REPORT_FILES = ['report.json', 'summary.md', 'junit.xml', 'trace.json', 'report.html'] as const;

/**
 * Renders and writes each report by itself: one that cannot be had (a full disk, say) keeps no other from being written.
 * Resolves with the summary, which goes to the runner, too.
 */
export async function writeReports(
  report: RunReport,
  write: (name: string, text: string) => void,
  onFailure: (message: string) => void,
): Promise<string> {
  const summary = renderSummary(report);
  const renderers: Record<(typeof REPORT_FILES)[number], () => string | Promise<string>> = {
    'report.json': () => renderJson(report),
    'summary.md': () => summary,
    'junit.xml': () => renderJunit(report),
    'trace.json': () => renderTrace(report),
    // With it comes a whole program for the browser, which the start of the action has no use for.
    'report.html': async () => (await import('../report/html/html.js')).renderHtml(report),
  };
  for (const name of REPORT_FILES) {
    try {
      write(name, await renderers[name]());
    } catch (error) {
      onFailure(`${name} could not be written: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return summary;
}
