import type { Door } from './scheduler.js';

/** The lane that all runs on an engine of this machine share. */
export interface SharedLane extends Door {
  setLimit(limit: number): void;
  /** Leaves: nobody counts this run any more. */
  close(): void;
}

/** A run as it shows itself to the others that build on the same engine. Times are milliseconds since the epoch. */
export interface SharingRun {
  /** Tells runs apart. */
  id: string;
  /** How many builds it may run: its own lane. */
  limit: number;
  running: number;
  /** What it builds is to be alone, or what it waits to build. */
  alone?: true;
  /** Since when it waits for one more; absent while it does not. */
  waitingSince?: number;
  /** When it last said that it waits. */
  seenAt: number;
}

/** A run that waits says so several times a second: one that has not may be held up by something else, and blocks nobody. */
export const STILL_WAITS_MS = 2_000;

/**
 * Whether one more build of this run may begin beside those of the others. The lane of all is the narrowest of theirs, as
 * it is one engine that they wear; whoever waits longest goes first, with one build each time. Nothing begins beside a build
 * that is to be alone, nor before one that has waited longer.
 */
export function mayTakePlace(own: SharingRun, others: readonly SharingRun[], now: number): boolean {
  if (others.length === 0) return true;
  const before = others.filter((run) => waits(run, now) && isBefore(run, own));
  const isKept = others.some((run) => run.alone && run.running > 0) || before.some((run) => run.alone);
  if (isKept) return false;
  const limit = own.alone ? 1 : Math.min(own.limit, ...others.map((run) => run.limit));
  const running = others.reduce((sum, run) => sum + run.running, own.running);
  return running + before.length < limit;
}

function waits({ waitingSince, seenAt }: SharingRun, now: number): boolean {
  return waitingSince !== undefined && now - seenAt <= STILL_WAITS_MS;
}

function isBefore(other: SharingRun, own: SharingRun): boolean {
  const [theirs, ours] = [other.waitingSince ?? 0, own.waitingSince ?? Number.POSITIVE_INFINITY];
  return theirs < ours || (theirs === ours && other.id < own.id);
}
