import { randomUUID } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { FetchedImage, ImageArchives } from '../build/restorer.js';
import type { ArchiveFiles } from '../handoff/archive-files.js';
import { CACHED_FILES } from '../history/cache-service.js';
import {
  entryPrefix,
  isUsableEntry,
  LONGEST_KEPT,
  MOST_BYTES,
  parseKeptImage,
  readEntryName,
} from '../history/kept-image.js';
import type { JournalEvent } from '../journal/events.js';
import { formatBytes } from '../report/figures.js';
import { askCacheService, type ServiceCall } from './cache-service.js';

/** A look takes a second at most where the service is well. */
const FIND_LIMIT_MS = 10_000;
const FETCH_LIMIT_MS = 110_000;
/** Downloads at once: more would only share the network, and fill the disk. */
const AT_ONCE = 2;
/** What is sent, what is made of it, and the archive that is loaded. */
const COPIES = 3;

const [ABOUT, ARCHIVE] = CACHED_FILES.image;

/**
 * The archives that the cache service has, each brought into a folder of its own below this one, which is removed when the
 * image is loaded. A service that does not answer is asked for no other image, and costs a warning.
 */
export function createImageArchives(of: {
  /** An existing folder. */
  folder: string;
  mark: Record<string, string>;
  files: ArchiveFiles;
  now(): number;
  record(event: JournalEvent): void;
}): ImageArchives {
  const { folder, mark, files, now, record } = of;
  const lines: Promise<unknown>[] = Array.from({ length: AT_ONCE }, () => Promise.resolve());
  let next = 0;
  let gone = false;

  return {
    use(wanted, signal, load) {
      const line = next % AT_ONCE;
      next += 1;
      const used = (lines[line] as Promise<unknown>)
        .then(() => useInTurn(wanted, signal, load))
        .catch((error: unknown) => `its archive cannot be used: ${messageOf(error)}`);
      lines[line] = used;
      return used;
    },
  };

  async function useInTurn<T>(
    { key, tags }: { key: string; tags: readonly string[] },
    signal: AbortSignal,
    load: (fetched: FetchedImage) => Promise<T>,
  ): Promise<T | string | undefined> {
    if (gone || signal.aborted) return undefined;
    const own = join(folder, `image-${randomUUID()}`);
    mkdirSync(own, { mode: 0o700 });
    try {
      const fetched = await fetchInto(own, key, tags, signal);
      return typeof fetched === 'object' && !signal.aborted ? await load(fetched) : (fetched as string | undefined);
    } finally {
      removeFolder(own);
    }
  }

  /** The archive; why there is one that cannot be used; or undefined when there is none. */
  async function fetchInto(
    own: string,
    key: string,
    tags: readonly string[],
    signal: AbortSignal,
  ): Promise<FetchedImage | string | undefined> {
    const call = (limitMs: number): ServiceCall => ({ temporary: own, limitMs, mark, signal });
    const found = await askCacheService('find', { kind: 'image', key: entryPrefix(key) }, own, call(FIND_LIMIT_MS));
    if (found.kind === 'failed' && !signal.aborted) giveUp(found.why);
    if (found.kind === 'none') gone = true;
    const name = found.kind === 'done' ? found.key : undefined;
    const entry = name === undefined ? undefined : readEntryName(name, key);
    if (name === undefined || entry === undefined || !isUsableEntry(entry, Date.now())) return undefined;
    const { bavail, bsize } = statfsSync(own);
    if (bavail * bsize < COPIES * entry.bytes)
      return `there is no room for its archive: ${formatBytes(bavail * bsize)} are free, expected ${formatBytes(COPIES * entry.bytes)}`;

    const asked = await askCacheService('exact', { kind: 'image', key: name }, own, call(FETCH_LIMIT_MS));
    if (asked.kind !== 'done') return asked.kind === 'failed' ? `its archive was not fetched: ${asked.why}` : undefined;
    return open(own, key, tags, signal);
  }

  /** Whoever may write the caches may have written anything: the image goes into an archive of our own making. */
  async function open(
    own: string,
    key: string,
    tags: readonly string[],
    signal: AbortSignal,
  ): Promise<FetchedImage | string> {
    const [about, archive] = [join(own, ABOUT), join(own, ARCHIVE)];
    if (!isFile(about, LONGEST_KEPT) || !isFile(archive, MOST_BYTES)) return 'its archive is none of ours';
    const kept = parseKeptImage(readFileSync(about, 'utf8'), key, Date.now());
    const [image, ...more] = await files.read(archive, signal);
    const ids = [image?.config, image?.manifest.digest];
    if (kept === undefined || image === undefined || more.length > 0 || !ids.includes(kept.id))
      return 'its archive holds something else';
    const path = join(own, 'alone.tar');
    const writer = await files.begin(path, { format: 'docker', compression: 'none' });
    try {
      await writer.add(archive, { ...image, tags: [...tags] }, signal);
      const { bytes } = await writer.finish();
      return { kept, path, bytes };
    } finally {
      // After finish there is nothing left to remove.
      await writer.discard();
    }
  }

  function giveUp(why: string): void {
    if (gone) return;
    gone = true;
    record({ type: 'warning', at: now(), message: `no image is restored from the cache service any more: ${why}` });
  }
}

function isFile(path: string, mostBytes: number): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true && stats.size <= mostBytes;
}

/** What a process that was ended still writes there goes with the run's own folder. */
function removeFolder(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // It is removed once more with the run's folder.
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
