import type { EngineSample, HostSample } from '../journal/events.js';
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

/** Figures of the engine over a run; one that no sample has is absent. */
export type EngineStats = Partial<Record<Exclude<keyof EngineSample, 'pid'>, Spread>>;

const HOST_FIGURES: Record<keyof HostSample, true> = {
  cpuPercent: true,
  cpuUserPercent: true,
  cpuSystemPercent: true,
  cpuStealPercent: true,
  load1: true,
  memoryUsedBytes: true,
  memoryAvailableBytes: true,
  swapUsedBytes: true,
  cpuPressurePercent: true,
  memoryPressurePercent: true,
  ioPressurePercent: true,
  diskFreeBytes: true,
  oomKills: true,
  openFiles: true,
};

/** All but the pid, which is a name. */
const ENGINE_FIGURES: Record<Exclude<keyof EngineSample, 'pid'>, true> = {
  cpuPercent: true,
  rssBytes: true,
  threads: true,
  openFiles: true,
  openFilesLimit: true,
  memoryFreeBytes: true,
  swapUsedBytes: true,
};

/** Sums up the samples of the host; each counts the same, as they come at equal intervals. */
export function resourceStats(samples: RunReport['samples']): ResourceStats {
  return statsOf(
    samples.map(({ host }) => host),
    HOST_FIGURES,
  );
}

/** Sums up the samples of the engine; undefined when there is none. */
export function engineStats(samples: RunReport['samples']): EngineStats | undefined {
  const stats = statsOf(
    samples.flatMap(({ engine }) => engine ?? []),
    ENGINE_FIGURES,
  );
  return Object.keys(stats).length === 0 ? undefined : stats;
}

function statsOf<F extends string>(
  samples: readonly Partial<Record<F, number>>[],
  figures: Record<F, true>,
): Partial<Record<F, Spread>> {
  const stats: Partial<Record<F, Spread>> = {};
  for (const figure of Object.keys(figures) as F[]) {
    const spread = spreadOf(samples.flatMap((sample) => sample[figure] ?? []));
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
