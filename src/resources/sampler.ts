import type { HostSample, Usage } from '../journal/events.js';
import type { ProcFiles } from './proc-files.js';
import { type CpuTicks, parseCpuTicks, parseLoad, parseMemory, parseOomKills } from './proc-text.js';
import { readProcessTable } from './process-table.js';
import { createProcessTree, type ProcessTree } from './process-tree.js';

export interface ResourceSampler {
  /** Follows the process tree of this attempt from now on; the key is any text that is the attempt's own. */
  trackAttempt(key: string, pid: number): void;
  /** Takes a last look at what is left of the attempt, and says what it used; empty for an unknown key. */
  endAttempt(key: string): Usage;
  /** Looks at the host and at every attempt that is followed. The CPU figure is the mean since the call before. */
  sample(): HostSample;
  /** What an attempt may run out of: read before it and after it. */
  vitals(): Vitals;
  /** Names the folder whose free space is sampled: where the engine keeps its images. */
  setDiskFolder(folder: string): void;
}

/** Absent figures could not be had. */
export interface Vitals {
  /** How often the kernel has killed for want of memory since it started (`oom_kill` in /proc/vmstat). */
  oomKills?: number;
  /** Free space where the engine keeps its images. */
  diskFreeBytes?: number;
}

/** Creates a sampler; the caller's timer drives it. What the platform does not tell stays absent. */
export function createResourceSampler(effects: {
  proc: ProcFiles;
  freeBytes(folder: string): number | undefined;
}): ResourceSampler {
  const { proc, freeBytes } = effects;
  const trees = new Map<string, ProcessTree>();
  let diskFolder: string | undefined;
  let cpuBefore = readCpuTicks();

  return {
    trackAttempt: (key, pid) => {
      trees.set(key, createProcessTree(proc, pid));
    },
    endAttempt(key) {
      const tree = trees.get(key);
      trees.delete(key);
      tree?.look();
      return tree?.usage() ?? {};
    },
    sample() {
      growTrees();
      return sampleHost();
    },
    vitals() {
      const oomKills = parseOomKills(proc.read('vmstat') ?? '');
      const diskFreeBytes = diskFolder === undefined ? undefined : freeBytes(diskFolder);
      return {
        ...(oomKills === undefined ? {} : { oomKills }),
        ...(diskFreeBytes === undefined ? {} : { diskFreeBytes }),
      };
    },
    setDiskFolder: (folder) => {
      diskFolder = folder;
    },
  };

  function growTrees(): void {
    if (trees.size === 0) return;
    const table = readProcessTable(proc);
    if (table === undefined) return;
    for (const tree of trees.values()) tree.grow(table);
  }

  function sampleHost(): HostSample {
    const cpu = readCpuTicks();
    const cpuPercent = busyPercent(cpuBefore, cpu);
    cpuBefore = cpu ?? cpuBefore;
    const load1 = parseLoad(proc.read('loadavg') ?? '');
    const memory = parseMemory(proc.read('meminfo') ?? '');
    const diskFreeBytes = diskFolder === undefined ? undefined : freeBytes(diskFolder);
    return {
      ...(cpuPercent === undefined ? {} : { cpuPercent }),
      ...(load1 === undefined ? {} : { load1 }),
      ...(memory.used === undefined ? {} : { memoryUsedBytes: memory.used }),
      ...(memory.available === undefined ? {} : { memoryAvailableBytes: memory.available }),
      ...(memory.swapUsed === undefined ? {} : { swapUsedBytes: memory.swapUsed }),
      ...(diskFreeBytes === undefined ? {} : { diskFreeBytes }),
    };
  }

  function readCpuTicks(): CpuTicks | undefined {
    return parseCpuTicks(proc.read('stat') ?? '');
  }
}

/** Absent when no time has passed; the kernel's idle count may run back a little, hence the bounds. */
function busyPercent(before: CpuTicks | undefined, after: CpuTicks | undefined): number | undefined {
  if (before === undefined || after === undefined || after.total <= before.total) return undefined;
  const percent = (100 * (after.busy - before.busy)) / (after.total - before.total);
  return Math.min(100, Math.max(0, Math.round(percent * 10) / 10));
}
