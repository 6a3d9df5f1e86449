import type { HandOffSettings } from '../handoff/hand-offs.js';
import type { Inputs } from '../inputs/inputs.js';
import type { RetryPolicy } from './retry.js';
import type { StartLane } from './start-lane.js';

/** How a run may build. Times in milliseconds. */
export interface RunSettings {
  /** How many builds may run at first. */
  maxParallel: number;
  /** Why that is not simply `max-parallel`, where it is not. */
  laneWhy?: string;
  /** Whether it is narrower by what earlier runs taught. */
  laneLearnt?: true;
  /** Whether all runs of this user on the same engine have one lane. */
  sharedLane: boolean;
  serialAfter: number;
  recoveryTimeoutMs: number;
  /** What to do about a dead engine. */
  recovery: 'wait' | 'restart' | 'none';
  /** Silence of an attempt after which the engine is asked whether it is still there. */
  stallTimeoutMs: number;
  /** For the whole run. */
  deadlineMs?: number;
  failFast: boolean;
  /** Whether nothing older than the run is reused. */
  fresh?: boolean;
  /** The user's own command that brings the engine back. */
  recoveryCommand?: string;
  /** Whether to remove what interrupted attempts left. */
  cleanup: boolean;
  /** Whether to remove the engine's copy of an image once it is handed over. */
  prune: boolean;
  /** Free space where the engine keeps its images, in bytes, below which nothing starts. */
  minFreeDiskBytes?: number;
  retry: RetryPolicy;
  /** Whether images that earlier runs built are reused, and by what the engine was asked for; absent: each is built. */
  restore?: { engine: string; builder?: string };
  /** Where built images go. */
  handOffs: HandOffSettings;
}

/** The part of the inputs that decides how a run builds, whatever it builds, with the lane that it begins with. */
export function settingsOf(inputs: Inputs, lane: StartLane): RunSettings {
  return {
    maxParallel: lane.limit,
    ...(lane.why === undefined ? {} : { laneWhy: lane.why }),
    ...(lane.learnt === undefined ? {} : { laneLearnt: lane.learnt }),
    sharedLane: inputs.sharedLane,
    serialAfter: inputs.serialAfter,
    recoveryTimeoutMs: inputs.recoveryTimeoutMs,
    recovery: inputs.recovery,
    stallTimeoutMs: inputs.stallTimeoutMs,
    ...(inputs.deadlineMs === undefined ? {} : { deadlineMs: inputs.deadlineMs }),
    failFast: inputs.failFast,
    fresh: inputs.fresh,
    ...(inputs.recoveryCommand === undefined ? {} : { recoveryCommand: inputs.recoveryCommand }),
    cleanup: inputs.cleanup,
    prune: inputs.prune,
    ...(inputs.minFreeDiskBytes === undefined ? {} : { minFreeDiskBytes: inputs.minFreeDiskBytes }),
    retry: {
      retries: inputs.retries,
      minTimeoutMs: inputs.retryMinTimeoutMs,
      maxTimeoutMs: inputs.retryMaxTimeoutMs,
      factor: inputs.retryFactor,
      retryOn: inputs.retryOn,
    },
    // Fresh is what no earlier run has built.
    ...(inputs.cache === 'images' && !inputs.fresh
      ? { restore: { engine: inputs.engine, ...(inputs.builder === undefined ? {} : { builder: inputs.builder }) } }
      : {}),
    handOffs: {
      ...(inputs.archive === undefined ? {} : { archive: inputs.archive }),
      push: inputs.push || inputs.images.some(({ push }) => push === true),
      load: inputs.load,
    },
  };
}
