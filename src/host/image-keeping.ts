import { statfsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../engine/engine.js';
import { CACHED_FILES } from '../history/cache-service.js';
import {
  entryName,
  entryPrefix,
  formatKeptImage,
  imagesToKeep,
  type KeptImage,
  MOST_BYTES,
  MOST_BYTES_OF_RUN,
  readEntryName,
} from '../history/kept-image.js';
import type { Inputs } from '../inputs/inputs.js';
import { foldJournal } from '../journal/fold.js';
import { parseJournal } from '../journal/lines.js';
import { formatBytes } from '../report/figures.js';
import { askWithinLimit } from './build-effects.js';
import { askCacheService, toldOfCacheService, withServiceFolder } from './cache-service.js';
import { findEngine } from './engine-search.js';
import { askByCommand } from './process.js';
import { readJournal } from './run-folder.js';
import { cancelSignal } from './runner.js';
import { temporaryFolder } from './scratch-folder.js';
import { showLine, showWarning } from './step-log.js';

/** For all images together: the job waits for its post steps. */
const LIMIT_MS = 5 * 60_000;
/** The archive, and what the toolkit makes of it before it is sent. */
const COPIES = 2;
/** Another job with the same image is saving it at this moment; a service that refuses it says more. */
const RESERVED = /^(?!.*reservation failed).*another job may be creating this cache/i;
const ROOM = `with room for ${formatBytes(MOST_BYTES)} an image and ${formatBytes(MOST_BYTES_OF_RUN)} a run`;

const [ABOUT, ARCHIVE] = CACHED_FILES.image;

/**
 * Keeps the images that the run in this folder built, by its journal, as archives in the cache service: what took longest
 * first, within bounds of time and size; none of a run that did not come to its own end. Whatever goes wrong is a warning.
 */
export async function keepImages(inputs: Inputs, folder: string): Promise<void> {
  if (inputs.cache !== 'images' || folder === '' || !toldOfCacheService(process.env)) return;
  const { events } = parseJournal(readJournal(folder) ?? '');
  const { images, left } = imagesToKeep(events);
  if (images.length + left.length === 0) return;
  const { result, startedAt, engine: built } = foldJournal(events);
  if (result === 'cancelled' || result === 'interrupted') return;
  for (const { name, sizeBytes = 0 } of left) notKept(name, `${formatBytes(sizeBytes)}, ${ROOM}`);
  const limit = AbortSignal.timeout(LIMIT_MS);
  const signal = AbortSignal.any([limit, cancelSignal()]);
  try {
    const engine = await findEngine(inputs, [], signal);
    if (engine.facts.dialect !== built.dialect) throw new Error(`another engine answers now: ${engine.facts.name}`);
    let bytes = 0;
    for (const image of images) {
      const kept = await keepImage(image, { engine, startedAt, room: MOST_BYTES_OF_RUN - bytes }, signal);
      if (kept === 'no service') return;
      bytes += kept;
    }
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const why = limit.aborted ? `${LIMIT_MS / 60_000} minutes were over` : said;
    showWarning(`what was built is not kept, or not all of it: ${why}`);
  }
}

/** Resolves with how large the archive is that was saved, in bytes; 0 when none was. */
function keepImage(
  image: KeptImage,
  { engine, startedAt, room }: { engine: Engine; startedAt: number; room: number },
  signal: AbortSignal,
): Promise<number | 'no service'> {
  const temporary = temporaryFolder();
  return withServiceFolder({ temporary }, async (folder) => {
    const call = { temporary, limitMs: LIMIT_MS, signal };
    const known = await askCacheService('find', { kind: 'image', key: entryPrefix(image.key) }, folder, call);
    if (known.kind === 'none') return 'no service';
    if (known.kind === 'failed') throw new Error(`the cache service: ${known.why}`);
    const entry = known.kind === 'done' ? readEntryName(known.key ?? '', image.key) : undefined;
    // An older one could not be used, as the image was built.
    if (entry !== undefined && entry.at >= startedAt) return notKept(image.name, 'another job has kept it meanwhile');

    const needed = COPIES * (image.sizeBytes ?? 0);
    const before = freeBytes(folder);
    if (before < needed) return notKept(image.name, `${formatBytes(before)} are free, expected ${formatBytes(needed)}`);
    const asked = await askWithinLimit(engine.inspect(image.id), signal);
    signal.throwIfAborted();
    // Pruned, or removed by what came after the run.
    if (asked.code !== undefined && asked.code !== 0)
      return notKept(image.name, 'the engine does not have it any more');
    const path = join(folder, ARCHIVE);
    const saved = await askByCommand(engine.saveUntagged(image.id, path), LIMIT_MS, signal);
    if (saved.code !== 0) throw new Error(`${image.name}: ${saved.stderr.trim().split('\n').at(-1) || saved.failure}`);
    // Not every engine says how large an image is.
    const { size } = statSync(path);
    const free = freeBytes(folder);
    if (size > Math.min(MOST_BYTES, room)) return notKept(image.name, `${formatBytes(size)}, ${ROOM}`);
    if (free < size) return notKept(image.name, `${formatBytes(free)} are free, expected ${formatBytes(size)}`);
    writeFileSync(join(folder, ABOUT), formatKeptImage(image) ?? '');
    const kept = await askCacheService('save', { kind: 'image', key: entryName(image, size) }, folder, call);
    if (kept.kind === 'failed' && RESERVED.test(kept.why)) return notKept(image.name, 'another job is keeping it');
    if (kept.kind === 'failed') throw new Error(`the cache service: ${kept.why}`);
    showLine(`images: ${image.name} is kept for later runs (${formatBytes(size)}, cache service)`);
    return size;
  });
}

function notKept(image: string, why: string): 0 {
  showLine(`images: ${image} is not kept: ${why}`);
  return 0;
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
