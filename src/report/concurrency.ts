import type { RunReport } from '../journal/run-report.js';

/** How many attempts ran from this time on, in milliseconds since the epoch. */
export interface Running {
  at: number;
  running: number;
}

/** How many attempts ran at each time, an entry where the number changes; it begins and ends with the run. */
export function runningAttempts(report: RunReport): Running[] {
  const changes = new Map<number, number>([
    [report.startedAt, 0],
    [report.endedAt, 0],
  ]);
  const change = (at: number, by: number) => changes.set(at, (changes.get(at) ?? 0) + by);
  for (const { attempts } of report.images) {
    for (const attempt of attempts) {
      change(attempt.startedAt, 1);
      if (attempt.endedAt !== undefined) change(Math.max(attempt.startedAt, attempt.endedAt), -1);
    }
  }
  let running = 0;
  const points = [...changes].sort(([a], [b]) => a - b);
  return points.flatMap(([at, by], index) => {
    running += by;
    // One that ends as another begins changes nothing.
    return by === 0 && index > 0 && index < points.length - 1 ? [] : [{ at, running }];
  });
}
