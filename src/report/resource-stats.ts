import type { HostSample } from '../journal/events.js';
import type { RunReport } from '../journal/run-report.js';

/** How a figure of the host went over a run. */
export interface Spread {
  least: number;
  mean: number;
  peak: number;
  /** At the last sample that has the figure. */
  last: number;
}

/** Figures of the host over a run; one that no sample has is absent. */
export type ResourceStats = Partial<Record<keyof HostSample, Spread>>;

const FIGURES = [
  'cpuPercent',
  'load1',
  'memoryUsedBytes',
  'memoryAvailableBytes',
  'swapUsedBytes',
  'diskFreeBytes',
] as const satisfies readonly (keyof HostSample)[];

/** Sums up the samples of the host; each counts the same, as they come at equal intervals. */
export function resourceStats(samples: RunReport['samples']): ResourceStats {
  const stats: ResourceStats = {};
  for (const figure of FIGURES) {
    const spread = spreadOf(samples.flatMap(({ host }) => host[figure] ?? []));
    if (spread !== undefined) stats[figure] = spread;
  }
  return stats;
}

function spreadOf(values: readonly number[]): Spread | undefined {
  const [first] = values;
  if (first === undefined) return undefined;
  const spread: Spread = { least: first, mean: 0, peak: first, last: first };
  let sum = 0;
  for (const value of values) {
    spread.least = Math.min(spread.least, value);
    spread.peak = Math.max(spread.peak, value);
    spread.last = value;
    sum += value;
  }
  spread.mean = sum / values.length;
  return spread;
}
