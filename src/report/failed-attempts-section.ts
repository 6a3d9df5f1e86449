import type { AttemptReport, ImageReport, RunReport } from '../journal/run-report.js';
import { describeEnding } from './ending.js';
import { formatDuration, plural } from './figures.js';
import { code, codeHtml, details, fence, text } from './markdown.js';
import { imagesWithoutSuccess } from './outcome.js';
import { lastLines } from './plain-text.js';
import { fitting } from './space.js';
import { attemptMs } from './wall-time.js';

const TAIL_LINES = 40;
const TAIL_CHARACTERS = 6_000;
const MOST_EVIDENCE = 8;

/**
 * Each failed attempt, folded: its verdict with the evidence, and the last lines of its output. Images that failed for
 * good come first; what does not fit into so many bytes is left out and counted.
 */
export function renderFailedAttempts(report: RunReport, mostBytes: number): string {
  const lost = imagesWithoutSuccess(report);
  const saved = report.images.filter((image) => image.result === 'success');
  const failed = [...lost, ...saved].flatMap((image) =>
    image.attempts.filter((attempt) => attempt.verdict !== undefined).map((attempt) => ({ image, attempt })),
  );
  if (failed.length === 0) return '';
  const { text: parts, left } = fitting(failed, mostBytes, ({ image, attempt }) => part(image, attempt, report));
  const note =
    left > 0
      ? `${plural(left, 'failed attempt')} left out for lack of space; the logs are in the report folder.\n\n`
      : '';
  return `### Failed attempts\n\n${parts}${note}`;
}

function part(image: ImageReport, attempt: AttemptReport, report: RunReport): string {
  const verdict = attempt.verdict;
  const incident = attempt.incident === undefined ? '' : ` in incident ${attempt.incident}`;
  const took = formatDuration(attemptMs(attempt, report));
  const place = `attempt ${attempt.number} of ${image.attempts.length}`;
  const line = attempt.line === undefined ? '' : `:${attempt.line}`;
  const lines = [
    ...(image.file === undefined ? [] : [`At: ${code(`${image.file}${line}`, 500)}`]),
    `Ending: ${text(describeEnding(attempt.ending))}, after ${took}${incident}`,
    ...(verdict?.evidence ?? []).slice(0, MOST_EVIDENCE).map((sentence) => `Evidence: ${text(sentence)}`),
    ...(verdict?.line === undefined ? [] : [`Last error line: ${code(verdict.line, 500)}`]),
    ...(attempt.command === '' ? [] : [`Command: ${code(attempt.command, 500)}`]),
    ...(attempt.log === '' ? [] : [`Log: ${code(attempt.log)}`]),
  ];
  const tail = lastLines(attempt.tail ?? '', TAIL_LINES, TAIL_CHARACTERS);
  return details(
    `${codeHtml(image.name)}, ${place}: ${codeHtml(verdict?.class ?? '')}`,
    `${lines.map((line) => `- ${line}\n`).join('')}\n${tail === '' ? 'No output.\n' : fence(tail)}`,
  );
}
