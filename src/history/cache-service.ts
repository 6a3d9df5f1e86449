/**
 * The file that goes to the cache service and comes from it, in the working folder. Its spelling is part of what tells
 * entries apart, and its place in the workspace is where it is put, so it has neither a folder nor a home before it
 * (https://github.com/actions/toolkit/blob/main/packages/cache/src/internal/cacheUtils.ts, getCacheVersion and resolvePaths).
 */
export const CACHED_FILE = 'history.json';

/** What came of speaking to the cache service, as the exit code of the process that did. */
export const SERVICE_EXIT = { done: 0, failed: 1, none: 3 } as const;

/**
 * Puts the newest entry's file into the working folder, which has to be the workspace too; resolves with an exit code. An
 * entry that is missing is done as well: only the file tells. What goes wrong is printed by the toolkit as a workflow command.
 */
export async function restoreFile(keyPrefix: string): Promise<number> {
  const cache = await import('@actions/cache');
  if (!cache.isFeatureAvailable()) return SERVICE_EXIT.none;
  await cache.restoreCache([CACHED_FILE], keyPrefix, [keyPrefix]);
  return SERVICE_EXIT.done;
}

/** Saves the file of the working folder as a new entry; resolves with an exit code. */
export async function saveFile(key: string): Promise<number> {
  const cache = await import('@actions/cache');
  if (!cache.isFeatureAvailable()) return SERVICE_EXIT.none;
  return (await cache.saveCache([CACHED_FILE], key)) === -1 ? SERVICE_EXIT.failed : SERVICE_EXIT.done;
}
