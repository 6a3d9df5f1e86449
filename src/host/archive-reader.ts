import { createHash } from 'node:crypto';
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { extract } from 'tar-stream';
import { type ArchiveEntry, ArchiveError, type ArchiveListing } from '../handoff/archive-layout.js';

/** Manifests and configs are some kilobytes; a layer that begins as JSON does is a tar all the same. */
const LONGEST_JSON = 4 * 1024 * 1024;
const MOST_ENTRIES = 100_000;

const MAGIC = { gzip: [0x1f, 0x8b], zstd: [0x28, 0xb5, 0x2f, 0xfd] } as const;

/** A file in an archive, as it comes by. */
export interface PassingFile {
  name: string;
  bytes: number;
  content: AsyncIterable<Buffer>;
}

/** Reads every file of an archive once, and makes its digest. Throws an ArchiveError when it is no whole tar file. */
export async function listArchive(path: string, signal: AbortSignal): Promise<ArchiveListing> {
  const listing: ArchiveListing = { files: [], links: [] };
  await passThrough(
    path,
    signal,
    async ({ name, bytes, content }) => {
      if (listing.files.length >= MOST_ENTRIES) throw new ArchiveError(`it holds more than ${MOST_ENTRIES} files`);
      listing.files.push(await entryOf(name, bytes, content));
    },
    (name, to) => listing.links.push({ name, to }),
  );
  return listing;
}

/** Calls back with each file in its turn, and with each link. */
export async function passThrough(
  path: string,
  signal: AbortSignal,
  onFile: (file: PassingFile) => Promise<void>,
  onLink: (name: string, to: string) => void = () => {},
): Promise<void> {
  const compression = compressionOf(firstBytes(path));
  const tar = extract();
  const source = createReadStream(path);
  const reading =
    compression === undefined
      ? pipeline(source, tar, { signal })
      : pipeline(source, compression === 'gzip' ? createGunzip() : createZstdDecompress(), tar, { signal });
  // Whoever reads the entries gets the error, too.
  reading.catch(() => {});
  try {
    for await (const entry of tar) {
      const { name, type, size, linkname } = entry.header;
      if (type === 'symlink' || type === 'link') onLink(name, linkname);
      if (type === 'file' || type === 'contiguous-file') {
        await onFile({ name, bytes: size, content: entry as unknown as AsyncIterable<Buffer> });
      }
      entry.resume();
    }
    await reading;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ArchiveError || isOfSystem(error)) throw error;
    throw new ArchiveError(`it cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    source.destroy();
    tar.destroy();
  }
}

async function entryOf(name: string, bytes: number, content: AsyncIterable<Buffer>): Promise<ArchiveEntry> {
  const hash = createHash('sha256');
  const kept: Buffer[] = [];
  let first: Buffer | undefined;
  for await (const chunk of content) {
    first ??= chunk;
    hash.update(chunk);
    if (bytes <= LONGEST_JSON && /^[[{]/.test(String.fromCharCode(first[0] ?? 0))) kept.push(chunk);
  }
  const compressed = compressionOf(first ?? Buffer.alloc(0));
  return {
    name,
    digest: `sha256:${hash.digest('hex')}`,
    bytes,
    ...(kept.length === 0 ? {} : { json: Buffer.concat(kept).toString('utf8') }),
    ...(compressed === undefined ? {} : { compressed }),
  };
}

/** By what a file begins with, as its name may say anything. */
function compressionOf(start: Buffer): 'gzip' | 'zstd' | undefined {
  return (['gzip', 'zstd'] as const).find((name) => MAGIC[name].every((byte, at) => start[at] === byte));
}

function firstBytes(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const start = Buffer.alloc(4);
    return start.subarray(0, readSync(file, start));
  } finally {
    closeSync(file);
  }
}

/** The disk's errors, not those of what is on it. */
function isOfSystem(error: unknown): boolean {
  return (error as NodeJS.ErrnoException)?.syscall !== undefined;
}
