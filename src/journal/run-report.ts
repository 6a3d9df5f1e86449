import type {
  AttemptSample,
  BuiltImage,
  ContextSize,
  Ending,
  EngineFacts,
  EngineMachine,
  EngineSample,
  HostSample,
  ImageResult,
  LaneMode,
  Leftover,
  RunResult,
  Usage,
  Verdict,
} from './events.js';

/** Everything a run's reports are made of: the fold of its journal. Times are milliseconds since the epoch. */
export interface RunReport {
  schema: 1;
  /** Version of the action. */
  version: string;
  /** `interrupted`: the journal ends before the run did. */
  result: RunResult | 'interrupted';
  startedAt: number;
  endedAt: number;
  engine: EngineFacts;
  host: { platform: string; cpus: number; memoryBytes: number };
  folder: string;
  /** Its images were loaded from archives, not built. */
  loads?: boolean;
  /** What the run was allowed. */
  /** `laneLearnt`: earlier runs taught it to begin narrower than `max-parallel`. */
  budget: { lane: number; laneLearnt?: true; retries: number; serialAfter: number };
  /** What earlier runs taught to begin with, if that came after builds had begun. */
  lateLane?: number;
  /** The lane at the end. */
  lane: number;
  mode: LaneMode;
  /** The lane over time, the first entry at the start. */
  lanes: { at: number; lane: number; mode: LaneMode; why: string }[];
  /** When builds waited for other runs on the same engine, and for how many. */
  sharedWaits: { from: number; until: number; runs: number }[];
  images: ImageReport[];
  incidents: IncidentReport[];
  /** Attempts beyond each image's first. */
  retries: number;
  samples: Sample[];
  /** The machine that the engine's server runs on, when that is not this one. */
  engineMachine?: EngineMachine;
  /** Removals of what interrupted attempts had left. */
  cleanUps: CleanUpReport[];
  /** What was removed from the engine after hand-offs. */
  removals: RemovalReport[];
  warnings: string[];
  /** What was known of earlier runs on this engine; absent when nothing was asked, or came. */
  history?: { from: 'file' | 'cache-service'; images: number; runs: number };
  /** Why pings watched the engine instead of its events stream, if they did. */
  watchedByPings?: string;
}

export interface Sample {
  at: number;
  host: HostSample;
  engine?: EngineSample;
  attempts?: AttemptSample[];
}

export interface CleanUpReport {
  at: number;
  /** The incident after which it was; absent for the one at the end of the run. */
  incident?: number;
  removed: Leftover[];
  freedBytes?: number;
  left: string[];
}

/** An image, or some layers of removed images, gone from the engine. */
export interface RemovalReport {
  at: number;
  /** Absent for layers. */
  image?: string;
  id?: string;
  /** How many; absent for an image. */
  layers?: number;
  freedBytes?: number;
}

/** When a step of an attempt began; it ends where the next one begins. */
export interface StepReport {
  at: number;
  /** Such as `2/5`, or `[1/2] 3/7`. */
  step: string;
  text: string;
  cached?: boolean;
}

export interface ImageReport {
  name: string;
  tags: string[];
  /** The Containerfile, relative to the workspace where it lies inside; absent when the engine fetches it. */
  file?: string;
  /** Names of the images that had to be built before it. */
  needs?: string[];
  /** `unfinished`: the journal ends before the image did. */
  result: ImageResult | 'unfinished';
  attempts: AttemptReport[];
  /** Tries to hand it over, in the order in which they began. */
  handOffs: HandOffReport[];
  /** How long it took in earlier runs. */
  expectedMs?: number;
  /** Absent when it was not measured before the run was over, or cannot be. */
  context?: ContextSize;
  built?: BuiltImage;
  /** It was not built, as the engine had it: when it was taken, by which key it was found, and how old it was. */
  restored?: { at: number; from: 'engine' | 'cache-service'; key: string; ageMs: number; archiveBytes?: number };
  /** Why it was built though images are reused. */
  notRestored?: string;
  verdict?: Verdict;
  /** Why it was skipped. */
  skipped?: string;
  /** When it was built, failed or skipped for good, its hand-offs included. */
  endedAt?: number;
}

/** One try to hand an image over. */
export interface HandOffReport {
  /** Such as `kind:e2e`, `archive` or `push`. */
  to: string;
  /** 1 for the first. */
  number: number;
  startedAt: number;
  /** Absent when the journal ends before it did. */
  endedAt?: number;
  log: string;
  /** What came of it, in a few words. */
  said?: string;
  digest?: string;
  bytes?: number;
  command?: string;
  verdict?: Verdict;
  incident?: number;
  tail?: string;
}

export interface AttemptReport {
  /** 1 for the first. */
  number: number;
  startedAt: number;
  /** Absent when the journal ends before the attempt did. */
  endedAt?: number;
  command: string;
  pid?: number;
  log: string;
  ending?: Ending;
  usage: Usage;
  steps: StepReport[];
  built?: BuiltImage;
  verdict?: Verdict;
  incident?: number;
  tail?: string;
  /** Of the instruction that failed, in the image's Containerfile; not of the journal: found when the run is reported. */
  line?: number;
  /** Backoff that was scheduled before this attempt. */
  delayMs?: number;
}

export interface IncidentReport {
  /** 1 for the first. */
  number: number;
  openedAt: number;
  closedAt?: number;
  /** Whether the engine answered again. */
  answered?: boolean;
  said?: string;
  evidence: string[];
  /** When the watch on the engine itself noticed, and which watch that was; absent when attempts were the only sign. */
  sentinel?: { at: number; watch: 'stream' | 'pings' };
  /** Images in flight when the engine died. */
  inFlight: string[];
  /** What was done to bring the engine back, and what each said. */
  recoveries: { at: number; command: string; code?: number; said: string }[];
}
