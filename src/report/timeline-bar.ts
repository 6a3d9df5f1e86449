import type { RunReport } from '../journal/run-report.js';

/** A bar at least a millisecond long, so that a diagram of an instant still has an axis; a milestone has no length. */
export function bar(report: RunReport, says: string, tag: string, from: number, until: number): string {
  const start = Math.max(0, Math.round(from - report.startedAt));
  const shortest = tag.startsWith('milestone') ? start : start + 1;
  return `    ${says} :${tag}${start}, ${Math.max(shortest, Math.round(until - report.startedAt))}`;
}
