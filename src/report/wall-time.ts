import type { AttemptReport, ImageReport, RunReport } from '../journal/run-report.js';

/** How long the run took, in milliseconds; an interrupted one until its last event. */
export function runMs(report: RunReport): number {
  return report.endedAt - report.startedAt;
}

/** How long the attempt took, in milliseconds; an unfinished one until the run's last event. */
export function attemptMs(attempt: AttemptReport, report: RunReport): number {
  return Math.max(0, (attempt.endedAt ?? report.endedAt) - attempt.startedAt);
}

/** What the image's attempts took together, in milliseconds; waiting between them is not in it. */
export function imageMs(image: ImageReport, report: RunReport): number {
  return image.attempts.reduce((sum, attempt) => sum + attemptMs(attempt, report), 0);
}
