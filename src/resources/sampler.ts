import type { AttemptSample, EngineSample, HostSample } from '../journal/events.js';
import { type AttemptLooks, createAttemptLooks } from './attempt-looks.js';
import { parseOomKills } from './counter-text.js';
import { createEngineLook, type EngineLook } from './engine-look.js';
import { createHostLook, type HostFigures } from './host-look.js';
import type { ProcFiles } from './proc-files.js';

/** What one look gave; absent: `engine` where nothing can be had of it, `attempts` while none runs. */
export interface Looks {
  host: HostSample;
  engine?: EngineSample;
  attempts?: AttemptSample[];
}

export interface ResourceSampler {
  /** Follows the process tree of this attempt from now on. */
  trackAttempt: AttemptLooks['track'];
  /** Takes a last look at what is left of the attempt, and says what it used; empty for an unknown one. */
  endAttempt: AttemptLooks['end'];
  /** Follows the processes of the step that an attempt has come to on a server of this machine. */
  reachStep: AttemptLooks['reachStep'];
  isSearchingSteps: AttemptLooks['isSearchingSteps'];
  findSteps: AttemptLooks['findSteps'];
  /** Looks at the host, the engine, and every attempt that is followed. CPU figures are the mean since the call before. */
  sample(): Looks;
  /** What an attempt may run out of: read before it and after it. */
  vitals(): Vitals;
  /** Names the folder of this machine where the engine keeps its images; undefined when it works on another one. */
  setStorage(folder: string | undefined): void;
  /** That folder; undefined when it is not known, or not on this machine. */
  storage(): string | undefined;
  /** Names the socket on which the engine's server listens on this machine, by each path that may stand for it. */
  watchServer(paths: string[]): void;
  /** When the server that answers now was started; undefined where its process cannot be seen. */
  servingSince(): number | undefined;
  /** How much memory the machine has that the engine works on, in bytes, when that is not this one. */
  setEngineMemory(bytes: number | undefined): void;
  /** What the engine says now of the machine that it runs on, when that is not this one; the next sample has it. */
  setEngineFigures(figures: EngineSample): void;
}

/** What an attempt may run out of; absent figures could not be had, or are not known yet. */
export interface Vitals {
  /** How often the kernel has killed for want of memory since it started (`oom_kill` in /proc/vmstat). */
  oomKills?: number;
  /** Free space where the engine keeps its images, and how much there was when that was first known. */
  diskFreeBytes?: number;
  firstDiskFreeBytes?: number;
  /** Whether the engine works on this machine. */
  engineIsHere?: boolean;
  /** Memory of the engine's machine, and what of it was available when that was last looked at, if it is this machine. */
  memoryBytes?: number;
  memoryAvailableBytes?: number;
}

/** Creates a sampler; the caller's timer drives it. What the platform does not tell stays absent. */
export function createResourceSampler(effects: {
  proc: ProcFiles;
  freeBytes(folder: string): number | undefined;
  now(): number;
  /** Of this machine, in bytes. */
  memoryBytes?: number;
  /** For platforms without /proc. */
  figures?: HostFigures | undefined;
}): ResourceSampler {
  const { proc, now } = effects;
  const attempts = createAttemptLooks(proc, now, effects.figures);
  const lookAtHost = createHostLook(proc, effects.figures);
  let server: EngineLook | undefined;
  let engineFigures: EngineSample | undefined;
  let diskFolder: string | undefined;
  let firstDiskFreeBytes: number | undefined;
  let engineIsHere: boolean | undefined;
  let lastAvailable: number | undefined;
  let engineMemoryBytes: number | undefined;

  return {
    trackAttempt: attempts.track,
    endAttempt: attempts.end,
    reachStep: attempts.reachStep,
    // Whatever runs here is none of an engine's that works elsewhere.
    isSearchingSteps: () => engineIsHere === true && attempts.isSearchingSteps(),
    findSteps: attempts.findSteps,
    sample() {
      const running = attempts.look();
      const engine = server?.sample() ?? engineFigures;
      // Told once: an engine that answers no more has no figures, rather than its last ones for ever.
      engineFigures = undefined;
      const host = { ...lookAtHost(), ...freeSpace() };
      // What is free elsewhere is not what is available there: caches take all that nobody else does.
      lastAvailable = engineIsHere === true ? host.memoryAvailableBytes : undefined;
      return {
        host,
        ...(engine === undefined ? {} : { engine }),
        ...(running.length === 0 ? {} : { attempts: running }),
      };
    },
    vitals() {
      const oomKills = parseOomKills(proc.read('vmstat') ?? '');
      const memoryBytes = engineIsHere === true ? effects.memoryBytes : engineMemoryBytes;
      return {
        ...(oomKills === undefined ? {} : { oomKills }),
        ...freeSpace(),
        ...(firstDiskFreeBytes === undefined ? {} : { firstDiskFreeBytes }),
        ...(engineIsHere === undefined ? {} : { engineIsHere }),
        // What was free before a build began says little of what is free after it.
        ...(lastAvailable === undefined ? {} : { memoryAvailableBytes: lastAvailable }),
        ...(memoryBytes === undefined ? {} : { memoryBytes }),
      };
    },
    setStorage: (folder) => {
      diskFolder = folder;
      engineIsHere = folder !== undefined;
      firstDiskFreeBytes = freeSpace().diskFreeBytes;
    },
    storage: () => diskFolder,
    watchServer: (paths) => {
      server = createEngineLook(proc, now, new Set(paths));
    },
    servingSince: () => server?.servingSince(),
    setEngineMemory: (bytes) => {
      engineMemoryBytes = bytes;
    },
    setEngineFigures: (figures) => {
      engineFigures = figures;
    },
  };

  function freeSpace(): { diskFreeBytes?: number } {
    const diskFreeBytes = diskFolder === undefined ? undefined : effects.freeBytes(diskFolder);
    return diskFreeBytes === undefined ? {} : { diskFreeBytes };
  }
}
