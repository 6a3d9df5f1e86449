import type { ImageReport, RunReport } from '../journal/run-report.js';
import { formatDuration } from './figures.js';

/** A time in which an image was not built though it was not finished; milliseconds since the epoch. */
export interface Wait {
  from: number;
  until: number;
  /** The attempt before it; absent when it waited for its first. */
  after?: number;
  /** How much of it the engine was dead. */
  engineDeadMs: number;
  /** Backoff that the next attempt was given; it runs beside the other reasons. */
  backoffMs?: number;
}

/** When an image waited: for its first attempt, between attempts, and until the end when it never had one. */
export function waitsOf(image: ImageReport, report: RunReport): Wait[] {
  const waits: Wait[] = [];
  let from: number | undefined = report.startedAt;
  let after: number | undefined;
  for (const attempt of image.attempts) {
    if (from !== undefined && attempt.startedAt > from) {
      const wait: Wait = { from, until: attempt.startedAt, engineDeadMs: deadMs(from, attempt.startedAt, report) };
      if (after !== undefined) wait.after = after;
      if (attempt.delayMs !== undefined) wait.backoffMs = attempt.delayMs;
      waits.push(wait);
    }
    from = attempt.endedAt;
    after = attempt.number;
  }
  const { startedAt, endedAt } = report;
  if (image.attempts.length === 0 && endedAt > startedAt)
    waits.push({ from: startedAt, until: endedAt, engineDeadMs: deadMs(startedAt, endedAt, report) });
  return waits;
}

/** Why it waited, in words: `after attempt 1: engine dead for 2.3s, backoff of 5.0s`. */
export function describeWait(wait: Wait): string {
  const reasons = [
    ...(wait.engineDeadMs > 0 ? [`engine dead for ${formatDuration(wait.engineDeadMs)}`] : []),
    ...(wait.backoffMs === undefined ? [] : [`backoff of ${formatDuration(wait.backoffMs)}`]),
  ];
  const when = wait.after === undefined ? 'for its first attempt' : `after attempt ${wait.after}`;
  return reasons.length === 0 ? when : `${when}: ${reasons.join(', ')}`;
}

function deadMs(from: number, until: number, report: RunReport): number {
  return report.incidents.reduce((sum, { openedAt, closedAt }) => {
    const overlap = Math.min(until, closedAt ?? report.endedAt) - Math.max(from, openedAt);
    return sum + Math.max(0, overlap);
  }, 0);
}
