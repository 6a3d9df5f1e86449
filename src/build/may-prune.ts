import type { BuiltImage } from '../journal/events.js';

/** An image as far as it decides what others may be removed. */
export interface Needing {
  name: string;
  /** Names of the images that it is built on. */
  needs?: readonly string[];
}

/** Whether no image that has not ended is built on this one, so that nobody misses it in the engine. */
export function mayPrune(image: Needing, images: readonly Needing[], ended: ReadonlySet<string>): boolean {
  return images.every(({ name, needs = [] }) => ended.has(name) || !needs.includes(image.name));
}

/**
 * Why a built image has to stay for good; undefined when it may be removed. `before`: ids of the images that the engine had
 * before the run, and whether each had a name.
 */
export function whyKept(
  built: BuiltImage,
  before: ReadonlyMap<string, { named: boolean }>,
  takesSteps: boolean,
): string | undefined {
  if (before.has(bareId(built.id))) return 'it was in the engine before this run';
  const nameless = [...before.values()].some(({ named }) => !named);
  if (takesSteps && nameless) return 'with it the engine could remove nameless images that were there before this run';
  return undefined;
}

/** An id without the algorithm before it. */
export function bareId(id: string): string {
  return id.replace(/^sha256:/, '');
}
