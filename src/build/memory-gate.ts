import type { ImageSpec } from '../plan/image-spec.js';
import { memoryReserve } from '../schedule/parallelism.js';
import type { Vitals } from './judge.js';

/** Free memory is looked at this often for as long as something waits for it, as often as it is sampled. */
const LOOK_EVERY_MS = 1_000;
/** It is asked beside the first builds how much memory the engine's machine has; the others wait for no longer. */
const PATIENCE_MS = 2_000;
const ASK_EVERY_MS = 100;
/** Every machine that an engine works on has so much: builds that need less together wait for no answer. */
const SURELY_THERE_BYTES = 2 ** 29;

/** A build that was let in so lately has hardly taken of what is available. */
const NEW_MS = 10_000;

export interface MemoryGateEffects {
  /** How much memory a build of the image is expected to need at its peak, in bytes; undefined when nobody knows. */
  peakBytes(image: ImageSpec): number | undefined;
  vitals(): Vitals;
  /** Images that are being built now. */
  building(): readonly ImageSpec[];
  now(): number;
  timer(ms: number, callback: () => void): () => void;
  /** Has what waits asked again. */
  wake(): void;
}

/** Holds back builds that would need more memory than the engine's machine has left. */
export interface MemoryGate {
  /** Whether the image may begin to build beside so many others: where nothing runs, nothing would free any. */
  mayStart(image: ImageSpec, running: number): boolean;
  stop(): void;
}

/** A gate that each build passes on its way into the lane; an image of which nothing is known passes it. */
export function createMemoryGate({ peakBytes, vitals, building, now, timer, wake }: MemoryGateEffects): MemoryGate {
  const letIn = new Map<string, number>();
  let cancelTimer: (() => void) | undefined;
  let stopped = false;
  let patient = true;
  const cancelPatience = timer(PATIENCE_MS, () => {
    patient = false;
    wake();
  });

  return {
    mayStart(image, running) {
      const may = running === 0 || hasRoom(image);
      if (may) letIn.set(image.name, now());
      return may;
    },
    stop() {
      stopped = true;
      cancelTimer?.();
      cancelPatience();
    },
  };

  function hasRoom(image: ImageSpec): boolean {
    const peak = peakBytes(image);
    if (peak === undefined) return true;
    const { memoryAvailableBytes, memoryBytes } = vitals();
    // What runs may not have come to its peak yet; and of an engine elsewhere nobody tells what is available.
    const others = building();
    const promised = together(others);
    if (memoryBytes === undefined) {
      if (!patient || promised + peak <= SURELY_THERE_BYTES) return true;
      lookAgain(ASK_EVERY_MS);
      return false;
    }
    const soon = together(others.filter(({ name }) => now() - (letIn.get(name) ?? 0) < NEW_MS));
    const room = Math.min((memoryAvailableBytes ?? Number.POSITIVE_INFINITY) - soon, memoryBytes - promised);
    const may = room >= peak + memoryReserve(memoryBytes);
    if (!may) lookAgain(LOOK_EVERY_MS);
    return may;
  }

  function together(builds: readonly ImageSpec[]): number {
    return builds.reduce((sum, one) => sum + (peakBytes(one) ?? 0), 0);
  }

  function lookAgain(afterMs: number): void {
    if (stopped) return;
    cancelTimer ??= timer(afterMs, () => {
      cancelTimer = undefined;
      wake();
    });
  }
}
