import { createHash } from 'node:crypto';
import { createReadStream, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ArchiveFiles } from '../handoff/archive-files.js';
import { ARCHIVE_INDEX, type IndexedImage, parseArchiveIndex } from '../handoff/archive-index.js';
import { ArchiveError } from '../handoff/archive-layout.js';
import type { Problem } from '../inputs/inputs.js';
import type { ArchiveSource } from '../plan/archive-source.js';

const LONGEST_INDEX = 64 * 1024 * 1024;
const ARCHIVE = /\.tar(\.zst|\.gz)?$/;

export interface FoundArchives {
  sources: ArchiveSource[];
  problems: Problem[];
  warnings: string[];
}

/**
 * The images in a folder of archives: those that its list names, each of whose files must be what the list says; without a
 * list those of every archive that is there. Throws the signal's reason when that aborts.
 */
export async function readArchiveFolder(
  folder: string,
  archives: ArchiveFiles,
  signal: AbortSignal,
): Promise<FoundArchives> {
  const list = join(folder, ARCHIVE_INDEX);
  const size = sizeOf(list);
  if (size === undefined) return readUnlisted(folder, archives, signal);
  const expected = 'the list of a folder of archives, as this action writes it';
  const about = { where: list, expected };
  if (size > LONGEST_INDEX) return wrong({ ...about, seen: `${size} bytes` });
  const images = parseArchiveIndex(readFileSync(list, 'utf8'));
  if (typeof images === 'string') return wrong({ ...about, seen: images });
  if (images.length === 0) return wrong({ where: list, seen: 'no image', expected: 'at least one that was built' });
  return readListed(folder, images, signal);
}

async function readListed(
  folder: string,
  images: readonly IndexedImage[],
  signal: AbortSignal,
): Promise<FoundArchives> {
  const files = new Map(images.map((image) => [image.file, image]));
  const problems: Problem[] = [];
  for (const [file, expected] of files) {
    const problem = await check(join(folder, file), expected, signal);
    if (problem !== undefined) problems.push(problem);
  }
  const alone = (file: string) => images.filter((image) => image.file === file).length === 1;
  const sources = images.map(({ name, tags, format, file, id, config, digest }) => ({
    name,
    tags,
    path: join(folder, file),
    config,
    ids: [...new Set([id, config, digest])],
    // Not every engine reads an OCI layout without docker's manifest.json.
    plain: format === 'docker' && /\.tar$/.test(file) && alone(file),
  }));
  return { sources, problems, warnings: [] };
}

async function check(path: string, { bytes, sha256 }: IndexedImage, signal: AbortSignal): Promise<Problem | undefined> {
  const size = sizeOf(path);
  if (size === undefined) return { where: path, seen: '', expected: `the archive that ${ARCHIVE_INDEX} names` };
  if (size !== bytes) return { where: path, seen: `${size} bytes`, expected: `${bytes} bytes`, hint: CHANGED };
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash, { signal });
  const seen = hash.digest('hex');
  return seen === sha256
    ? undefined
    : { where: path, seen: `sha256:${seen}`, expected: `sha256:${sha256}`, hint: CHANGED };
}

const CHANGED = `it is not the file that ${ARCHIVE_INDEX} was written for: archive the images again, or copy them anew`;

/** Somebody else's archives: nothing says what is to be in them. */
async function readUnlisted(folder: string, archives: ArchiveFiles, signal: AbortSignal): Promise<FoundArchives> {
  const names = namesIn(folder).filter((name) => !name.startsWith('.') && ARCHIVE.test(name));
  if (names.length === 0) {
    const expected = `a folder with ${ARCHIVE_INDEX}, or with archives (*.tar, *.tar.zst, *.tar.gz)`;
    return wrong({ where: 'path', seen: folder, expected });
  }
  const found: FoundArchives = { sources: [], problems: [], warnings: [] };
  for (const name of names.sort()) {
    const path = join(folder, name);
    try {
      for (const { tags, config, manifest } of await archives.read(path, signal)) {
        const [first] = tags;
        if (first === undefined) found.warnings.push(`${path}: an image without tags is not loaded: ${config}`);
        else found.sources.push({ name: first, tags, path, config, ids: [config, manifest.digest], plain: false });
      }
    } catch (error) {
      if (!(error instanceof ArchiveError)) throw error;
      found.problems.push({ where: path, seen: error.message, expected: 'an archive of images' });
    }
  }
  found.warnings.push(
    `${folder} has no ${ARCHIVE_INDEX}: whether its archives are whole and unchanged was not checked`,
  );
  return found;
}

function wrong(problem: Problem): FoundArchives {
  return { sources: [], problems: [problem], warnings: [] };
}

/** Of a file; a link leads to somebody else's. */
function sizeOf(path: string): number | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true ? stats.size : undefined;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
