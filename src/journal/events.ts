/**
 * The shared vocabulary: what happened in a run, as events. The journal holds them, one JSON object a line,
 * and everything that is reported is a fold of them. Times (`at`) are milliseconds since the epoch.
 */

/** How an attempt's process ended. */
export type Ending =
  | { kind: 'exited'; code: number }
  | { kind: 'signalled'; signal: string }
  | { kind: 'timed-out'; afterMs: number }
  /** The run's deadline came. */
  | { kind: 'deadline'; afterMs: number }
  /** The engine hung: no output for so long, and no answer to pings. */
  | { kind: 'hung'; silentMs: number }
  | { kind: 'cancelled'; reason: string }
  | { kind: 'not-spawned'; reason: string };

/** The classes of a failed attempt; only `engine-crash` is ever retried. */
export const VERDICT_CLASSES = [
  'engine-crash',
  'build-failed',
  'usage-error',
  'registry-flake',
  'resources-exhausted',
  'storage-contention',
  'timeout',
  'cancelled',
] as const;
export type VerdictClass = (typeof VERDICT_CLASSES)[number];

/** What we hold a failed attempt to be, and why. */
export interface Verdict {
  class: VerdictClass;
  /** Sentences, the decisive one first. */
  evidence: string[];
  /** The client's own last error line, if it printed one. */
  line?: string;
  /** Id of the signature that matched, if one did. */
  signature?: string;
}

/** How the engine's error text is to be read: who prints what, and where (DESIGN "Only the client's own words count"). */
export type Dialect = 'podman' | 'podman-remote' | 'buildah' | 'docker-legacy' | 'buildkit';

/**
 * Who else prints words that are judged. `cluster`: the tools that load images into clusters, and the engines' clients that
 * they, or we, run to reach into a node; all that these print on stderr is their own.
 */
export type ClientDialect = Dialect | 'cluster';

export interface EngineFacts {
  name: 'podman' | 'docker' | 'buildah';
  dialect: Dialect;
  /** A server does the work, so that its death takes down every attempt in flight. */
  served: boolean;
  version: string;
  /** Server address, as the user gave it. */
  address?: string;
  /** Why this engine was taken, one sentence. */
  why: string;
}

/** What the process tree of an attempt used; a figure that could not be had is absent. */
export interface Usage {
  userMs?: number;
  systemMs?: number;
  peakRssBytes?: number;
  /** What the processes held together that a server of this machine ran for one of its steps, at the most. */
  stepPeakRssBytes?: number;
  voluntarySwitches?: number;
  involuntarySwitches?: number;
  /** What the kernel says of the whole tree at its end, by `time(1)`, where that is installed. */
  kernel?: KernelUsage;
}

/** The fields of a `struct rusage` (https://man7.org/linux/man-pages/man2/getrusage.2.html). */
export interface KernelUsage {
  userMs?: number;
  systemMs?: number;
  peakRssBytes?: number;
  messagesSent?: number;
  messagesReceived?: number;
  signals?: number;
  voluntarySwitches?: number;
  involuntarySwitches?: number;
}

/** One look at the host; a figure that could not be had is absent. */
export interface HostSample {
  /** Busy share of all CPUs since the last sample, 0 to 100; its parts may be absent where the whole is not. */
  cpuPercent?: number;
  cpuUserPercent?: number;
  cpuSystemPercent?: number;
  /** Taken by the hypervisor for other machines. */
  cpuStealPercent?: number;
  load1?: number;
  memoryUsedBytes?: number;
  memoryAvailableBytes?: number;
  swapUsedBytes?: number;
  /** Share of the last 10 s in which some task waited for it, 0 to 100 (https://docs.kernel.org/accounting/psi.html). */
  cpuPressurePercent?: number;
  memoryPressurePercent?: number;
  ioPressurePercent?: number;
  /** Free space where the engine keeps its images. */
  diskFreeBytes?: number;
  /** Kills for want of memory since the machine started. */
  oomKills?: number;
  /** File handles in use on the whole machine. */
  openFiles?: number;
}

/** One look at the engine: its server's process where that runs on this machine, or what a remote one says of its own. */
export interface EngineSample {
  /** Of the server's process. */
  pid?: number;
  /** Busy share of one CPU since the last look: 200 is two CPUs. */
  cpuPercent?: number;
  rssBytes?: number;
  threads?: number;
  openFiles?: number;
  /** Open files at which the server fails (its soft limit). */
  openFilesLimit?: number;
  /** Of the machine that a remote engine runs on. */
  memoryFreeBytes?: number;
  swapUsedBytes?: number;
}

/** One look at the process tree of a running attempt. */
export interface AttemptSample {
  image: string;
  attempt: number;
  /** Busy share of one CPU since the last look. */
  cpuPercent?: number;
  rssBytes?: number;
  /** Of the processes of its step, where a server of this machine runs them. */
  stepRssBytes?: number;
}

/** What a build's context folder holds, before any ignore file. */
export interface ContextSize {
  bytes: number;
  files: number;
  /** False when the folder was too large to be counted to its end. */
  complete: boolean;
  /** Whether it has an ignore file, so that less of it may be sent. */
  ignoreFile: boolean;
}

/** The machine that the engine's server runs on, when that is not this one; a figure that could not be had is absent. */
export interface EngineMachine {
  /** Such as `podman machine "podman-machine-default"`. */
  name?: string;
  cpus?: number;
  memoryBytes?: number;
  diskBytes?: number;
}

/** Something that an interrupted attempt left in the engine, or on its machine. */
export interface Leftover {
  kind: 'working-container' | 'layer' | 'process' | 'runtime-state' | 'temporary-folder';
  /** The engine's id, the pid, or the path. */
  id: string;
}

/** The image that a successful attempt left in the engine. */
export interface BuiltImage {
  id: string;
  sizeBytes?: number;
}

/** An image as later runs find it: by the key of all that decided it. */
export interface RememberedImage {
  schema: 1;
  key: string;
  id: string;
  name: string;
  /** When it was built. */
  at: number;
  sizeBytes?: number | undefined;
}

/** `parallel`: the lane it began with; `reduced`: smaller, above one; `serial`: one at a time. */
export type LaneMode = 'parallel' | 'reduced' | 'serial';

/** `skipped`: an image that it needs was not built. */
export type ImageResult = 'success' | 'failure' | 'cancelled' | 'skipped';

export type RunResult = 'success' | 'failure' | 'cancelled';

export type JournalEvent =
  | {
      type: 'run-started';
      at: number;
      schema: 1;
      version: string;
      engine: EngineFacts;
      images: {
        name: string;
        tags: string[];
        /** The Containerfile, relative to the workspace where it lies inside; absent when the engine fetches it. */
        file?: string;
        /** Names of the images that it is built after. */
        needs?: string[];
        /** How long it took in earlier runs, where that was known by then. */
        expectedMs?: number;
      }[];
      lane: number;
      mode: LaneMode;
      /** Why it began with that lane, where it is not simply `max-parallel`. */
      laneWhy?: string;
      /** Whether earlier runs taught it to begin narrower than `max-parallel`. */
      laneLearnt?: true;
      retries: number;
      serialAfter: number;
      host: { platform: string; cpus: number; memoryBytes: number };
      /** Folder that holds this journal, the report and the logs. */
      folder: string;
      /** The images are loaded from archives, not built. */
      loads?: boolean;
    }
  /** Builds waited until now, for so long, as other runs on the same engine had their turn. */
  | { type: 'waited-for-runs'; at: number; ms: number; runs: number }
  /** Builds have waited for so long by now, and go on to. */
  | { type: 'waiting-for-runs'; at: number; ms: number; runs: number }
  /** `learnt`: not by an incident, but by what earlier runs taught, which came after builds had begun. */
  | { type: 'lane-changed'; at: number; from: number; lane: number; mode: LaneMode; why: string; learnt?: true }
  | {
      type: 'attempt-started';
      at: number;
      image: string;
      /** 1 for the first. */
      attempt: number;
      /** Of the process group's leader: the client, or the `time(1)` whose only child it is. */
      pid?: number;
      /** The command, pasteable, with secrets masked. */
      command: string;
      /** The log file's name within the folder. */
      log: string;
    }
  | {
      type: 'attempt-ended';
      at: number;
      image: string;
      attempt: number;
      ending: Ending;
      usage: Usage;
      /** Present exactly when the attempt succeeded. */
      built?: BuiltImage;
      /** Present exactly when it did not. */
      verdict?: Verdict;
      /** The incident that took it down. */
      incident?: number;
      /** The last lines of output of a failed attempt. */
      tail?: string;
    }
  /** What we know of the engine's life beside the attempts: by its events stream, or by pings where it gives none. */
  | { type: 'sentinel'; at: number; watch: 'stream' | 'pings'; state: 'watching' | 'dropped'; said: string }
  /** Something that was done to bring the engine back, and what it said. */
  | { type: 'recovery'; at: number; incident: number; command: string; code?: number; said: string }
  | { type: 'incident-opened'; at: number; incident: number; evidence: string[]; inFlight: string[] }
  /** The engine, which had answered again, died once more before anything had begun. */
  | { type: 'incident-reopened'; at: number; incident: number; evidence: string[] }
  | { type: 'incident-closed'; at: number; incident: number; answered: boolean; said: string }
  | {
      type: 'retry-scheduled';
      at: number;
      image: string;
      /** Where the image is to be handed over; absent: it is built. */
      to?: string;
      attempt: number;
      delayMs: number;
      because: VerdictClass;
    }
  /** A built image is being handed over. */
  | {
      type: 'hand-off-started';
      at: number;
      image: string;
      /** Such as `kind:e2e`, `archive` or `push`. */
      to: string;
      /** 1 for the first. */
      attempt: number;
      /** The log file's name within the folder. */
      log: string;
    }
  | {
      type: 'hand-off-ended';
      at: number;
      image: string;
      to: string;
      attempt: number;
      /** What came of it, in a few words: `loaded into 2 nodes`. */
      said: string;
      /** The digest under which it can be found there. */
      digest?: string;
      /** What was moved; absent where nothing was, as it was there already, or where that is not known. */
      bytes?: number;
      /** Of a failed one, the command that failed, pasteable, with secrets masked. */
      command?: string;
      /** Present exactly when it failed. */
      verdict?: Verdict;
      /** The incident that took it down. */
      incident?: number;
      /** The last lines of output of a failed one. */
      tail?: string;
    }
  | {
      type: 'image-ended';
      at: number;
      image: string;
      result: ImageResult;
      attempts: number;
      built?: BuiltImage;
      /** Why it has no success: of its last attempt, or of the hand-off that failed. */
      verdict?: Verdict;
      /** Of a skipped image, why. */
      skipped?: string;
    }
  /** An earlier run built the same, and the image is there under its tags: it has no attempt. */
  | {
      type: 'image-restored';
      at: number;
      image: string;
      /** Where it was: in the engine's own store, or in the cache service, as an archive. */
      from: 'engine' | 'cache-service';
      /** Of all that decides the image. */
      key: string;
      built: BuiltImage;
      /** How long before it was built. */
      ageMs: number;
      /** Of its archive, where it came as one. */
      archiveBytes?: number;
    }
  /** What decides a built image is known for certain, so that a later run can take it instead of building it. */
  | { type: 'image-remembered'; at: number; image: string; kept: RememberedImage }
  /** An image is built though images are reused, and why. */
  | { type: 'image-not-restored'; at: number; image: string; why: string }
  /** A step of the attempt's build began, as the engine's own output says. */
  | {
      type: 'step-started';
      at: number;
      image: string;
      attempt: number;
      /** Such as `2/5`, or `[1/2] 3/7` in a build of several stages. */
      step: string;
      /** The instruction, such as `RUN go build ./...`; cut when it is long. */
      text: string;
      /** It was taken from the cache. */
      cached?: boolean;
    }
  /** What earlier runs taught of this engine has been read. */
  | {
      type: 'history-loaded';
      at: number;
      from: 'file' | 'cache-service';
      /** Where the files are. */
      folder?: string;
      /** How many images are known, and how many runs. */
      images: number;
      runs: number;
      /** How long images of this run took, where it came too late for run-started to tell. */
      expected?: { image: string; ms: number }[];
    }
  /** What an image's context folder holds. */
  | { type: 'context-measured'; at: number; image: string; context: ContextSize }
  | { type: 'engine-machine'; at: number; machine: EngineMachine }
  /** Absent: `engine` where nothing can be had of it, `attempts` while none runs. */
  | { type: 'sample'; at: number; host: HostSample; engine?: EngineSample; attempts?: AttemptSample[] }
  /** What interrupted attempts had left was removed: after an incident, or at the end of the run. */
  | {
      type: 'cleaned-up';
      at: number;
      incident?: number;
      removed: Leftover[];
      /** How much more space is free than before, where that can be seen. */
      freedBytes?: number;
      /** Why something was left; empty when nothing was. */
      left: string[];
    }
  /** The engine's copy of an image that was handed over was removed; `freedBytes` where it can be seen. */
  | { type: 'image-removed'; at: number; image: string; id: string; freedBytes?: number }
  /** Layers were removed that only builds of removed images had made. */
  | { type: 'layers-removed'; at: number; layers: number; freedBytes?: number }
  | { type: 'warning'; at: number; message: string }
  | { type: 'run-ended'; at: number; result: RunResult };
