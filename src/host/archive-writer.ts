import { createHash } from 'node:crypto';
import { createWriteStream, mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { PassThrough, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import { pack } from 'tar-stream';
import type { ArchiveStyle, ArchiveWriter } from '../handoff/archive-files.js';
import { type ArchivedImage, ArchiveError, blobName, layoutFiles } from '../handoff/archive-layout.js';
import { type PassingFile, passThrough } from './archive-reader.js';
import { putInPlace } from './whole-file.js';

/** The same images make the same archive. */
const MTIME = new Date(0);

/**
 * Writes an archive under a hidden name in its own folder, marked as this run's, so that a post step can remove what a
 * killed run left of it; the folder is made when it is missing.
 */
export function createArchiveWriter(path: string, part: string, { format, compression }: ArchiveStyle): ArchiveWriter {
  mkdirSync(dirname(path), { recursive: true });
  const tar = pack();
  const hash = createHash('sha256');
  let bytes = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  // Flushed to the disk before it is closed, so that a name never stands for less than the whole file.
  const output = createWriteStream(part, { flags: 'wx', mode: 0o644, flush: true });
  const compress = compression === 'zstd' ? createZstdCompress() : new PassThrough();
  const written = pipeline(tar, compress, measure, output);
  written.catch(() => {});
  /** Rejects when the file cannot be written, which nobody would be told who waits for room in it. */
  const failed = written.then(() => new Promise<never>(() => {}));
  failed.catch(() => {});

  const images: ArchivedImage[] = [];
  const stored = new Set<string>();
  let last: Promise<unknown> = Promise.resolve();
  let broken: unknown;

  return {
    add(from, image, signal) {
      const adding = last.then(async () => {
        if (broken !== undefined) throw broken;
        try {
          await addImage(from, image, signal);
          images.push(image);
        } catch (error) {
          broken = await causeOf(error);
          throw broken;
        }
      });
      last = adding.catch(() => {});
      return adding;
    },
    async finish() {
      await last;
      if (broken !== undefined) throw broken;
      for (const [name, text] of Object.entries(layoutFiles(images, format))) addText(name, text);
      tar.finalize();
      await written;
      await putInPlace(part, path);
      return { bytes, sha256: hash.digest('hex') };
    },
    async discard() {
      tar.destroy();
      await written.catch(() => {});
      await rm(part, { force: true });
    },
  };

  async function addImage(from: string, image: ArchivedImage, signal: AbortSignal): Promise<void> {
    const missing = new Map(
      image.blobs.filter(({ digest }) => !stored.has(digest)).map(({ digest, name }) => [name, digest]),
    );
    if (image.made !== undefined && !stored.has(image.manifest.digest)) {
      addText(blobName(image.manifest.digest), image.made);
      stored.add(image.manifest.digest);
    }
    if (missing.size === 0) return;
    await passThrough(from, signal, async (file) => {
      const digest = missing.get(file.name);
      if (digest === undefined || stored.has(digest)) return;
      await addFile(file, digest);
      stored.add(digest);
    });
    const gone = [...missing.values()].filter((digest) => !stored.has(digest));
    if (gone.length > 0) throw new ArchiveError(`${basename(from)} no longer holds ${gone.join(', ')}`);
  }

  async function addFile({ bytes: size, content }: PassingFile, digest: string): Promise<void> {
    const seen = createHash('sha256');
    const sink = tar.entry({ name: blobName(digest), size, mode: 0o644, mtime: MTIME });
    sink.on('error', () => {});
    for await (const chunk of content) {
      seen.update(chunk);
      if (!sink.write(chunk))
        await Promise.race([new Promise((go) => sink.once('drain', () => go(undefined))), failed]);
    }
    sink.end(undefined);
    const hex = seen.digest('hex');
    if (`sha256:${hex}` !== digest)
      throw new ArchiveError(`a file of it has changed: seen sha256:${hex}, expected ${digest}`);
  }

  function addText(name: string, text: string): void {
    tar.entry({ name, mode: 0o644, mtime: MTIME }, text);
  }

  /** A tar whose file cannot be written says only that it has been ended. */
  async function causeOf(error: unknown): Promise<unknown> {
    const soon = new Promise((resolve) => setImmediate(resolve, error));
    return Promise.race([failed.catch((cause) => cause), soon]);
  }
}
