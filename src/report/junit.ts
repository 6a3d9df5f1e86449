import type { AttemptReport, HandOffReport, ImageReport, RunReport } from '../journal/run-report.js';
import { describeEnding } from './ending.js';
import { decisiveLine, whatHappened } from './failure.js';
import { formatDuration } from './figures.js';
import { destinationsOf, handOffMs, handOffOutcome, isNotHandedOver } from './hand-offs.js';
import { attemptOutcome, imageOutcome, type Outcome } from './outcome.js';
import { lastLines } from './plain-text.js';
import { attemptMs, imageMs, runMs } from './wall-time.js';
import { element, xmlText } from './xml.js';

const TAIL_LINES = 60;
const TAIL_CHARACTERS = 8_000;

type Verdict = 'passed' | 'failure' | 'error' | 'skipped';

/**
 * The run as junit.xml: each image is a test case. A build that fails for a reason of its own is a failure; what broke
 * around it (a crash of the engine, a registry, a full disk, a time limit, a hand-off) is an error; a cancelled one is
 * skipped, and so is one whose need was not built.
 */
export function renderJunit(report: RunReport): string {
  const verdicts = report.images.map(junitVerdict);
  const count = (verdict: Verdict) => verdicts.filter((each) => each === verdict).length;
  const counts = {
    tests: report.images.length,
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
    time: seconds(runMs(report)),
  };
  const cases = report.images.map((image) => testCase(image, report)).join('');
  const timestamp = new Date(report.startedAt).toISOString();
  const suite = element('testsuite', { name: 'images', ...counts, timestamp }, `\n${suiteProperties(report)}${cases}`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', { name: 'e2e-build-action', ...counts }, `\n${suite}`)}`;
}

function testCase(image: ImageReport, report: RunReport): string {
  const attributes = { name: image.name || '(no name)', classname: 'images', time: seconds(imageMs(image, report)) };
  const content = [attemptProperties(image), problem(image), systemOut(image, report)].join('');
  return element('testcase', attributes, content === '' ? '' : `\n${content}`);
}

function problem(image: ImageReport): string {
  const kind = junitVerdict(image);
  if (kind === 'passed') return '';
  const message = `${whatHappened(image)}${decisiveLine(image) === undefined ? '' : `: ${decisiveLine(image)}`}`;
  if (kind === 'skipped') return element('skipped', { message });
  const lines = [...(image.verdict?.evidence ?? []), tailOf(lastOf(image))].filter((line) => line !== '');
  return element(kind, { message, type: imageOutcome(image) }, xmlText(lines.join('\n')));
}

/** What consumers show as a table. */
function attemptProperties(image: ImageReport): string {
  const facts: [string, string | number | undefined][] = [
    ['attempts', image.attempts.length],
    ['outcome', imageOutcome(image)],
    ['image-id', image.built?.id],
    ...image.attempts.map((attempt): [string, string] => [`attempt-${attempt.number}`, attemptOutcome(attempt)]),
    ...destinationsOf(image).map(({ to, last }): [string, string] => [`hand-off ${to}`, handOffOutcome(last)]),
  ];
  return properties(facts);
}

function suiteProperties({ engine, version, mode, incidents, retries, result }: RunReport): string {
  return properties([
    ['action', version],
    ['engine', `${engine.name} ${engine.version}`],
    ['result', result],
    ['lane', mode],
    ['incidents', incidents.length],
    ['retries', retries],
  ]);
}

function properties(facts: readonly [string, string | number | undefined][]): string {
  const known = facts.filter(([, value]) => value !== undefined);
  return element('properties', {}, `\n${known.map(([name, value]) => element('property', { name, value })).join('')}`);
}

/** What each attempt came to; the output of those that failed, but for the last, which is in the problem. */
function systemOut(image: ImageReport, report: RunReport): string {
  const before = (one: AttemptReport | HandOffReport) => {
    const said = one === lastOf(image) ? '' : tailOf(one);
    return said === '' ? '' : `\n${said}`;
  };
  const attempts = image.attempts.map((attempt) => {
    const took = formatDuration(attemptMs(attempt, report));
    const ending = describeEnding(attempt.ending);
    return `attempt ${attempt.number}: ${attemptOutcome(attempt)} after ${took}, ${ending}${inIncident(attempt)}; log: ${attempt.log}${before(attempt)}`;
  });
  const handOffs = image.handOffs.map((handOff) => {
    const took = formatDuration(handOffMs(handOff, report));
    return `hand-off to ${handOff.to}, attempt ${handOff.number}: ${handOffOutcome(handOff)} after ${took}, ${handOff.said ?? 'no end'}${inIncident(handOff)}; log: ${handOff.log}${before(handOff)}`;
  });
  const text = [...attempts, ...handOffs].join('\n');
  return text === '' ? '' : element('system-out', {}, xmlText(text));
}

/** What ended last, with which the image succeeded or failed. */
function lastOf(image: ImageReport): AttemptReport | HandOffReport | undefined {
  return image.handOffs.at(-1) ?? image.attempts.at(-1);
}

function inIncident({ incident }: { incident?: number }): string {
  return incident === undefined ? '' : ` in incident ${incident}`;
}

function tailOf(attempt: { tail?: string } | undefined): string {
  return lastLines(attempt?.tail ?? '', TAIL_LINES, TAIL_CHARACTERS);
}

function junitVerdict(image: ImageReport): Verdict {
  const verdict = VERDICTS[imageOutcome(image)];
  return verdict === 'failure' && isNotHandedOver(image) ? 'error' : verdict;
}

const VERDICTS: Record<Outcome, Verdict> = {
  success: 'passed',
  'build-failed': 'failure',
  'usage-error': 'failure',
  'engine-crash': 'error',
  'registry-flake': 'error',
  'resources-exhausted': 'error',
  'storage-contention': 'error',
  timeout: 'error',
  unfinished: 'error',
  cancelled: 'skipped',
  skipped: 'skipped',
};

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
