/** The machine that an engine builds on; what could not be had is absent. */
export interface BuildMachine {
  cpus?: number;
  memoryBytes?: number;
}

/** How many builds may run at once, and why, in one sentence. */
export interface Parallelism {
  limit: number;
  why: string;
}

const GIB = 2 ** 30;
/** Compilers and package managers, of which most builds consist, keep about two CPUs busy. */
const CPUS_PER_BUILD = 2;
/** What a build of a service may use of which nothing is known. */
export const DEFAULT_PEAK_BYTES = 2 * GIB;
/** What the engine and its machine need for themselves: a share of the memory, and at least this. */
const RESERVE_SHARE = 0.1;
const LEAST_RESERVE_BYTES = GIB / 2;
/** For a machine of which nothing is known. */
const DEFAULT_LIMIT = 2;

/** What a machine of so much memory keeps for itself, in bytes. */
export function memoryReserve(memoryBytes: number): number {
  return Math.max(LEAST_RESERVE_BYTES, memoryBytes * RESERVE_SHARE);
}

/**
 * `max-parallel: auto`: as many builds as the machine has CPUs for, and as many of the largest as fit into its memory together.
 * `peaks` is the memory that each image is expected to need, in bytes; undefined where that is not known.
 */
export function autoParallelism(machine: BuildMachine, peaks: readonly (number | undefined)[]): Parallelism {
  const { cpus, memoryBytes } = machine;
  const byCpus = cpus === undefined ? undefined : Math.max(1, Math.floor(cpus / CPUS_PER_BUILD));
  const byMemory = memoryBytes === undefined ? undefined : fitting(memoryBytes, peaks);
  const limits = [byCpus, byMemory].filter((limit) => limit !== undefined);
  if (limits.length === 0) return { limit: DEFAULT_LIMIT, why: 'nothing is known of the machine that builds' };
  const limit = Math.max(1, Math.min(...limits, Math.max(1, peaks.length)));
  const known = peaks.filter((peak) => peak !== undefined).length;
  const memory =
    memoryBytes === undefined
      ? []
      : [`${gibibytes(memoryBytes)} of memory for ${byMemory} of the largest (${known} of ${peaks.length} known)`];
  return { limit, why: [...(cpus === undefined ? [] : [`${cpus} CPUs for ${byCpus}`]), ...memory].join(', ') };
}

/** How many of the largest fit together; at least one, as something must be built. */
function fitting(memoryBytes: number, peaks: readonly (number | undefined)[]): number {
  const largest = peaks.map((peak) => peak ?? DEFAULT_PEAK_BYTES).sort((a, b) => b - a);
  let free = memoryBytes - memoryReserve(memoryBytes);
  let count = 0;
  for (const peak of largest) {
    if (peak > free) break;
    free -= peak;
    count += 1;
  }
  return Math.max(1, count);
}

function gibibytes(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)} GiB`;
}
