import type { Leftover } from '../journal/events.js';
import { formatBytes, plural } from './figures.js';

const NOUNS: Record<Leftover['kind'], [one: string, many: string]> = {
  'working-container': ['working container', 'working containers'],
  layer: ['dangling layer', 'dangling layers'],
  process: ['orphaned process', 'orphaned processes'],
  'runtime-state': ["ended step's state", "ended steps' states"],
  'temporary-folder': ['temporary folder', 'temporary folders'],
};

/** What was removed, as `2 working containers and 1 orphaned process, 12.0 MiB freed`; `nothing` when that is all. */
export function formatCleanUp({ removed, freedBytes }: { removed: Leftover[]; freedBytes?: number }): string {
  const counts = Object.entries(NOUNS).flatMap(([kind, [one, many]]) => {
    const count = removed.filter((leftover) => leftover.kind === kind).length;
    return count === 0 ? [] : [plural(count, one, many)];
  });
  const last = counts.pop();
  if (last === undefined) return 'nothing';
  const list = counts.length === 0 ? last : `${counts.join(', ')} and ${last}`;
  return freedBytes === undefined ? list : `${list}, ${formatBytes(freedBytes)} freed`;
}
