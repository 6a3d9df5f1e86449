/**
 * The files of an entry, in the working folder. Their spelling is part of what tells entries apart, and their place in the
 * workspace is where they are put, so they have neither a folder nor a home before them
 * (https://github.com/actions/toolkit/blob/main/packages/cache/src/internal/cacheUtils.ts, getCacheVersion and resolvePaths).
 */
export const CACHED_FILES = {
  history: ['history.json'],
  image: ['image.json', 'image.tar'],
} as const;

/** What an entry holds. */
export type EntryKind = keyof typeof CACHED_FILES;

/** `newest`: restores the newest entry whose key begins with this; `find`: only looks for it; `exact`: the one of this key. */
export type EntryAct = 'newest' | 'exact' | 'find' | 'save';

/** What came of speaking to the cache service, as the exit code of the process that did. */
export const SERVICE_EXIT = { done: 0, failed: 1, none: 3, missing: 4 } as const;

/** By this file in the working folder the process says which entry was found. */
export const FOUND_FILE = 'found.txt';

/**
 * Does one thing with an entry; its files come into the working folder or from it, which has to be the workspace too.
 * Resolves with an exit code, and with the key of an entry that was found. What goes wrong is printed by the toolkit as a
 * workflow command, as if nothing had been found.
 */
export async function performAct(
  act: EntryAct,
  kind: EntryKind,
  key: string,
): Promise<{ exit: number; found?: string }> {
  const cache = await import('@actions/cache');
  if (!cache.isFeatureAvailable()) return { exit: SERVICE_EXIT.none };
  const files = [...CACHED_FILES[kind]];
  if (act === 'save')
    return { exit: (await cache.saveCache(files, key)) === -1 ? SERVICE_EXIT.failed : SERVICE_EXIT.done };
  const prefixes = act === 'exact' ? [] : [key];
  const found = await cache.restoreCache(files, key, prefixes, { lookupOnly: act === 'find' });
  return found === undefined ? { exit: SERVICE_EXIT.missing } : { exit: SERVICE_EXIT.done, found };
}
