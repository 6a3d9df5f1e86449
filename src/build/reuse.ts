import type { Reuse } from '../engine/engine.js';
import type { ImageSpec } from '../plan/image-spec.js';

/** Which layers the next attempt of an image may reuse; asked once for each attempt, as its command is made. */
export type ReuseOf = (image: ImageSpec) => Reuse;

/**
 * Fresh: nothing older than the run, which began so many milliseconds ago, so that what it built is shared and resumed. An
 * image without cache builds all its steps itself, once; only its retries go on from what the run built.
 */
export function createReuse(fresh: boolean, runAgeMs: () => number): ReuseOf {
  const tried = new Set<string>();
  return ({ name, noCache }) => {
    const isRetry = tried.has(name);
    tried.add(name);
    if (noCache && !isRetry) return { kind: 'none' };
    return fresh || noCache ? { kind: 'since', ms: runAgeMs() } : { kind: 'cache' };
  };
}
