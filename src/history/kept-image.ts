import { z } from 'zod';
import type { JournalEvent } from '../journal/events.js';
import { LONGEST_NAME } from './history.js';

/** An older image is built anew: what its steps fetched is of that day. */
export const KEPT_FOR_MS = 30 * 24 * 60 * 60 * 1000;
/** An archive in the cache service is no larger, nor are all that a run keeps; a repository has ten gigabytes of cache. */
export const MOST_BYTES = 2 * 1024 ** 3;
export const MOST_BYTES_OF_RUN = 4 * 1024 ** 3;
/** The newest so many are remembered. */
export const MOST_KEPT = 500;

const schema = z.object({
  schema: z.literal(1),
  /** Of all that decided it. */
  key: z.string().regex(/^[0-9a-f]{64}$/),
  id: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  name: z.string().max(LONGEST_NAME),
  /** When it was built, in milliseconds since the epoch. */
  at: z.number().nonnegative().max(Number.MAX_SAFE_INTEGER),
  sizeBytes: z.number().nonnegative().max(Number.MAX_SAFE_INTEGER).optional(),
});

/** Of an image as text, in bytes. */
export const LONGEST_KEPT = 16 * 1024;

/** An image that an earlier run built, and by which key. */
export type KeptImage = z.infer<typeof schema>;

/** Reads what `formatKeptImage` wrote for this key; undefined for anything else, and for an image that is too old. */
export function parseKeptImage(text: string, key: string, now: number): KeptImage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { data } = schema.safeParse(value);
  // One that is said to be of the future would never grow old.
  if (data === undefined || data.key !== key || data.at > now || now - data.at > KEPT_FOR_MS) return undefined;
  return data;
}

/** The image as JSON on one line; undefined for one that would not be read. */
export function formatKeptImage(image: KeptImage): string | undefined {
  return schema.safeParse(image).success ? `${JSON.stringify(image)}\n` : undefined;
}

/**
 * The images of a run that are worth an archive: of which it is certain what decides them, that took longest first, as many
 * as there is room for; and those that there is no room for.
 */
export function imagesToKeep(events: readonly JournalEvent[]): { images: KeptImage[]; left: KeptImage[] } {
  const remembered = events.flatMap((event) => {
    if (event.type !== 'image-remembered') return [];
    const { data } = schema.safeParse(event.kept);
    return data === undefined ? [] : [{ ...data, tookMs: tookMs(events, event.image) }];
  });
  const images: KeptImage[] = [];
  const left: KeptImage[] = [];
  let bytes = 0;
  for (const { tookMs: _, ...image } of remembered.sort((a, b) => b.tookMs - a.tookMs)) {
    const { sizeBytes = 0 } = image;
    const fits = sizeBytes <= MOST_BYTES && bytes + sizeBytes <= MOST_BYTES_OF_RUN;
    (fits ? images : left).push(image);
    if (fits) bytes += sizeBytes;
  }
  return { images, left };
}

/** Of the attempt that built it, in milliseconds. */
function tookMs(events: readonly JournalEvent[], image: string): number {
  const ended = events.findLast((event) => event.type === 'attempt-ended' && event.image === image);
  const started = events.findLast((event) => event.type === 'attempt-started' && event.image === image);
  return ended === undefined || started === undefined ? 0 : ended.at - started.at;
}

/** An entry of the cache service that holds an image: when that was built, and how large its archive is. */
export interface ImageEntry {
  at: number;
  bytes: number;
}

/** What the names of all entries begin with that hold the image of this key; 1 is the version of what they hold. */
export function entryPrefix(key: string): string {
  return `e2e-build-image-1-${key}-`;
}

/** The name of an entry. Entries never change, so that a newer one of the same image has a name of its own. */
export function entryName({ key, at }: KeptImage, bytes: number): string {
  return `${entryPrefix(key)}${Math.round(at)}-${bytes}`;
}

/** Reads an entry's name; undefined when it is none of an image of this key. */
export function readEntryName(name: string, key: string): ImageEntry | undefined {
  const prefix = entryPrefix(key);
  const [, at, bytes] = (name.startsWith(prefix) && /^(\d{1,15})-(\d{1,15})$/.exec(name.slice(prefix.length))) || [];
  return at === undefined || bytes === undefined ? undefined : { at: Number(at), bytes: Number(bytes) };
}

/** Whether an entry is neither too old nor too large. */
export function isUsableEntry({ at, bytes }: ImageEntry, now: number): boolean {
  return at <= now && now - at <= KEPT_FOR_MS && bytes <= MOST_BYTES;
}
