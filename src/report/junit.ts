import type { ImageReport, RunReport } from '../journal/run-report.js';
import { attemptOutcome, imageOutcome } from './outcome.js';
import { lastLines, oneLine, plainLines } from './plain-text.js';
import { imageMs, runMs } from './wall-time.js';

const TAIL_LINES = 40;
const TAIL_CHARACTERS = 6_000;

/** What XML 1.0 has no place for, escaped or not (https://www.w3.org/TR/xml/#charsets). */
const NOT_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/**
 * The run as JUnit XML (https://github.com/testmoapp/junitxml), for readers of test results: a test case for each image. An
 * image that failed by itself is a failure; one that the engine, the registry or time kept from being built is an error.
 */
export function renderJunit(report: RunReport): string {
  const cases = report.images.map((image) => testCase(image, report));
  const count = (kind: Kind) => report.images.filter((image) => kindOf(image) === kind).length;
  const attributes = [
    attribute('name', 'images'),
    attribute('tests', String(report.images.length)),
    attribute('failures', String(count('failure'))),
    attribute('errors', String(count('error'))),
    attribute('skipped', String(count('skipped'))),
    attribute('time', seconds(runMs(report))),
  ].join('');
  const stamp = attribute('timestamp', new Date(report.startedAt).toISOString());
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${attributes}>\n<testsuite${attributes}${stamp}>\n${cases.join('')}</testsuite>\n</testsuites>\n`;
}

type Kind = 'passed' | 'failure' | 'error' | 'skipped';

function kindOf(image: ImageReport): Kind {
  const outcome = imageOutcome(image);
  if (outcome === 'success') return 'passed';
  if (outcome === 'cancelled' || outcome === 'unfinished') return 'skipped';
  return outcome === 'build-failed' || outcome === 'usage-error' ? 'failure' : 'error';
}

function testCase(image: ImageReport, report: RunReport): string {
  const attributes = [
    attribute('name', oneLine(image.name)),
    attribute('classname', report.engine.name),
    attribute('time', seconds(imageMs(image, report))),
  ].join('');
  return `<testcase${attributes}>\n${verdict(image)}${output(image)}</testcase>\n`;
}

function verdict(image: ImageReport): string {
  const kind = kindOf(image);
  if (kind === 'passed') return '';
  const message = oneLine(image.verdict?.line ?? image.verdict?.evidence[0] ?? imageOutcome(image));
  if (kind === 'skipped') return `<skipped${attribute('message', message)}/>\n`;
  const evidence = (image.verdict?.evidence ?? []).map((sentence) => oneLine(sentence)).join('\n');
  return `<${kind}${attribute('message', message)}${attribute('type', imageOutcome(image))}>${content(evidence)}</${kind}>\n`;
}

/** What became of each attempt, and the end of the last one's log. */
function output({ attempts }: ImageReport): string {
  if (attempts.length === 0) return '';
  const lines = attempts.map((attempt) => `attempt ${attempt.number}: ${attemptOutcome(attempt)}`);
  const tail = lastLines(attempts.at(-1)?.tail ?? '', TAIL_LINES, TAIL_CHARACTERS);
  return `<system-out>${content([...lines, ...(tail === '' ? [] : ['', tail])].join('\n'))}</system-out>\n`;
}

function attribute(name: string, value: string): string {
  return ` ${name}="${escapeXml(value)
    .replace(/"/g, '&quot;')
    .replace(/[\t\n\r]/g, ' ')}"`;
}

function content(text: string): string {
  return escapeXml(plainLines(text));
}

function escapeXml(text: string): string {
  return text.replace(NOT_XML, '\ufffd').replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
