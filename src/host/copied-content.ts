import { setImmediate } from 'node:timers/promises';
import type { CopiedContent } from '../build/step-contents.js';
import { hashPaths, outlinePaths } from './context-hash.js';
import { ignoreFileOf } from './ignore-file.js';

/** What instructions copy from contexts, as it lies on this machine's disk. */
export const copied: CopiedContent = {
  // Of all that is beside a context only its ignore file says what is copied.
  place: ({ context, file }, paths) => JSON.stringify([context, ignoreFileOf(context, file), paths]),
  outline: async ({ context, file }, paths, signal) => (await outlinePaths(context, paths, file, signal))?.hash,
  hash: async ({ context, file }, paths, signal) => (await hashPaths(context, paths, file, signal))?.hash,
};

/** Does something that takes a while only once all that is due now has begun. */
export function afterThis<T>(act: () => Promise<T>): () => Promise<T> {
  return async () => {
    await setImmediate();
    return act();
  };
}
