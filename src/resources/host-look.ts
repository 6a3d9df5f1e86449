import type { HostSample } from '../journal/events.js';
import { parseOomKills, parseOpenFiles, parsePressure } from './counter-text.js';
import type { ProcFiles } from './proc-files.js';
import { type CpuTicks, parseCpuTicks, parseLoad, parseMemory } from './proc-text.js';
import type { ProcessList } from './process-list.js';

/** What a platform without /proc tells of the whole machine. */
export interface HostFigures {
  cpuTicks(): CpuTicks | undefined;
  load1(): number | undefined;
  /** The rest, as it was last asked for. */
  others(): HostSample;
  /** All processes, once for each time that they were asked for; undefined until there are newer ones. */
  takeProcesses(): ProcessList | undefined;
}

/** Looks at the host; CPU figures are the mean since the look before, and what the platform does not tell is absent. */
export function createHostLook(proc: ProcFiles, figures?: HostFigures): () => HostSample {
  let before = readTicks();
  return () => {
    const now = readTicks();
    const cpu = shares(before, now);
    before = now ?? before;
    const memory = parseMemory(proc.read('meminfo') ?? '');
    return known({
      ...figures?.others(),
      ...cpu,
      load1: parseLoad(proc.read('loadavg') ?? '') ?? figures?.load1(),
      ...known({
        memoryUsedBytes: memory.used,
        memoryAvailableBytes: memory.available,
        swapUsedBytes: memory.swapUsed,
        cpuPressurePercent: parsePressure(proc.read('pressure/cpu') ?? ''),
        memoryPressurePercent: parsePressure(proc.read('pressure/memory') ?? ''),
        ioPressurePercent: parsePressure(proc.read('pressure/io') ?? ''),
        oomKills: parseOomKills(proc.read('vmstat') ?? ''),
        openFiles: parseOpenFiles(proc.read('sys/fs/file-nr') ?? ''),
      }),
    });
  };

  function readTicks(): CpuTicks | undefined {
    return parseCpuTicks(proc.read('stat') ?? '') ?? figures?.cpuTicks();
  }
}

/** Absent when no time has passed; the kernel's counts may run back a little, hence the bounds. */
function shares(before: CpuTicks | undefined, after: CpuTicks | undefined): HostSample {
  if (before === undefined || after === undefined || after.total <= before.total) return {};
  const percent = (from?: number, to?: number) => {
    if (from === undefined || to === undefined) return undefined;
    const share = (100 * (to - from)) / (after.total - before.total);
    return Math.min(100, Math.max(0, Math.round(share * 10) / 10));
  };
  return known({
    cpuPercent: percent(before.busy, after.busy),
    cpuUserPercent: percent(before.user, after.user),
    cpuSystemPercent: percent(before.system, after.system),
    cpuStealPercent: percent(before.steal, after.steal),
  });
}

/** Without the figures that could not be had. */
function known(figures: { [K in keyof HostSample]: HostSample[K] | undefined }): HostSample {
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== undefined));
}
