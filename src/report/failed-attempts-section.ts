import type { Verdict } from '../journal/events.js';
import type { AttemptReport, HandOffReport, ImageReport, RunReport } from '../journal/run-report.js';
import { describeEnding } from './ending.js';
import { formatDuration, plural } from './figures.js';
import { handOffMs, handOffName } from './hand-offs.js';
import { code, codeHtml, details, fence, text } from './markdown.js';
import { imagesWithoutSuccess } from './outcome.js';
import { lastLines } from './plain-text.js';
import { fitting } from './space.js';
import { attemptMs } from './wall-time.js';

const TAIL_LINES = 40;
const TAIL_CHARACTERS = 6_000;
const MOST_EVIDENCE = 8;

/**
 * Each failed attempt and hand-off, folded: its verdict with the evidence, and the last lines of its output. Images that
 * failed for good come first; what does not fit into so many bytes is left out and counted.
 */
export function renderFailedAttempts(report: RunReport, mostBytes: number): string {
  const lost = imagesWithoutSuccess(report);
  const saved = report.images.filter((image) => image.result === 'success');
  const failed = [...lost, ...saved].flatMap((image) => [
    ...image.attempts.filter(isFailed).map((attempt) => () => attemptPart(image, attempt, report)),
    ...image.handOffs.filter(isFailed).map((handOff) => () => handOffPart(image, handOff, report)),
  ]);
  if (failed.length === 0) return '';
  const { text: parts, left } = fitting(failed, mostBytes, (part) => part());
  const note =
    left > 0
      ? `${plural(left, 'failed attempt')} left out for lack of space; the logs are in the report folder.\n\n`
      : '';
  return `### Failed attempts\n\n${parts}${note}`;
}

function isFailed({ verdict }: { verdict?: Verdict }): boolean {
  return verdict !== undefined;
}

function attemptPart(image: ImageReport, attempt: AttemptReport, report: RunReport): string {
  const incident = attempt.incident === undefined ? '' : ` in incident ${attempt.incident}`;
  const took = formatDuration(attemptMs(attempt, report));
  const line = attempt.line === undefined ? '' : `:${attempt.line}`;
  return part(`${codeHtml(image.name)}, attempt ${attempt.number} of ${image.attempts.length}`, attempt, [
    ...(image.file === undefined ? [] : [`At: ${code(`${image.file}${line}`, 500)}`]),
    `Ending: ${text(describeEnding(attempt.ending))}, after ${took}${incident}`,
  ]);
}

function handOffPart(image: ImageReport, handOff: HandOffReport, report: RunReport): string {
  const incident = handOff.incident === undefined ? '' : ` in incident ${handOff.incident}`;
  const tries = image.handOffs.filter(({ to }) => to === handOff.to).length;
  return part(`${codeHtml(handOffName(image, handOff))}, attempt ${handOff.number} of ${tries}`, handOff, [
    `Hand-off: failed after ${formatDuration(handOffMs(handOff, report))}${incident}: ${text(handOff.said ?? 'not known')}`,
  ]);
}

function part(title: string, failed: Failed, first: readonly string[]): string {
  const { verdict, command = '', log } = failed;
  const lines = [
    ...first,
    ...(verdict?.evidence ?? []).slice(0, MOST_EVIDENCE).map((sentence) => `Evidence: ${text(sentence)}`),
    ...(verdict?.line === undefined ? [] : [`Last error line: ${code(verdict.line, 500)}`]),
    ...(command === '' ? [] : [`Command: ${code(command, 500)}`]),
    ...(log === '' ? [] : [`Log: ${code(log)}`]),
  ];
  const tail = lastLines(failed.tail ?? '', TAIL_LINES, TAIL_CHARACTERS);
  return details(
    `${title}: ${codeHtml(verdict?.class ?? '')}`,
    `${lines.map((line) => `- ${line}\n`).join('')}\n${tail === '' ? 'No output.\n' : fence(tail)}`,
  );
}

/** What attempts and hand-offs that failed have in common. */
type Failed = Pick<AttemptReport, 'verdict' | 'log' | 'tail'> & { command?: string };
