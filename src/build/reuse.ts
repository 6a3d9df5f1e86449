import type { Reuse } from '../engine/engine.js';
import type { ImageSpec } from '../plan/image-spec.js';

/** Which layers the next attempt of an image may reuse; asked once for each attempt, as its command is made. */
export type ReuseOf = (image: ImageSpec) => Promise<Reuse>;

/** The age of a run, in milliseconds. */
export interface RunAge {
  now(): number;
  /**
   * For how long before the run began the engine had made nothing, as far as that is known, and the answer of an engine that
   * was asked. A build looks at layers a while after its command was made, by which they have aged.
   */
  quiet(): { known: number; asked: Promise<number> };
}

/**
 * Fresh: nothing older than the run, so that what it built is shared and resumed. The first attempt of an image without cache
 * builds all its steps itself; its retries go on from what the run built, though not beyond a step that another image without
 * cache made as well, as the engine takes one of two equal layers for both.
 */
export function createReuse(fresh: boolean, age: RunAge): ReuseOf {
  const tried = new Set<string>();
  return async ({ name, noCache }) => {
    const isRetry = tried.has(name);
    tried.add(name);
    if (noCache && !isRetry) return { kind: 'none' };
    if (!fresh && !noCache) return { kind: 'cache' };
    const { known, asked } = age.quiet();
    // A first attempt has little to find, and does not wait for the answer.
    const quiet = isRetry ? await asked : known;
    return { kind: 'since', ms: age.now() + quiet };
  };
}
