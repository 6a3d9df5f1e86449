import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CACHED_FILES } from '../history/cache-service.js';
import { formatHistory, type History, NO_HISTORY } from '../history/history.js';
import { type Asked, askCacheService, type ServiceCall, withServiceFolder } from './cache-service.js';
import { type ReadHistory, readHistoryFile } from './history-files.js';

const [FILE] = CACHED_FILES.history;

/** What came of asking the cache service for what it knows. */
export type Restored = ({ kind: 'answered' } & ReadHistory) | Exclude<Asked, { kind: 'done' | 'missing' }>;

/** Reads the newest entry whose key begins with this. An entry that is no history is a warning. */
export function restoreHistory(keyPrefix: string, call: ServiceCall): Promise<Restored> {
  return withServiceFolder(call, async (folder): Promise<Restored> => {
    const asked = await askCacheService('newest', { kind: 'history', key: keyPrefix }, folder, call);
    if (asked.kind === 'missing') return { kind: 'answered', history: NO_HISTORY, warnings: [] };
    if (asked.kind !== 'done') return asked;
    const file = join(folder, FILE);
    const history = existsSync(file) ? await readHistoryFile(file) : undefined;
    const warnings = history === undefined ? ["the cache service's entry is no history of this version"] : [];
    return { kind: 'answered', history: history ?? NO_HISTORY, warnings };
  });
}

/**
 * Whether the newest entry is there and cannot be read: so that it fails a second time in the same way, while the service
 * answers. It would be the newest for ever, as nothing could be added to it.
 */
export async function isDamaged(keyPrefix: string, why: string, call: ServiceCall): Promise<boolean> {
  const again = await restoreHistory(keyPrefix, call);
  if (again.kind !== 'failed' || again.why !== why) return false;
  const found = await withServiceFolder(call, (folder) =>
    askCacheService('find', { kind: 'history', key: keyPrefix }, folder, call),
  );
  return found.kind === 'done';
}

/** Saves the history as an entry of its own. */
export function saveHistory(key: string, history: History, call: ServiceCall): Promise<Asked> {
  return withServiceFolder(call, (folder) => {
    writeFileSync(join(folder, FILE), formatHistory(history));
    return askCacheService('save', { kind: 'history', key }, folder, call);
  });
}
