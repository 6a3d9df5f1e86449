import { posix } from 'node:path';
import type { Engine } from '../engine/engine.js';
import type { BuiltImage } from '../journal/events.js';
import type { ImageSpec } from '../plan/image-spec.js';
import type { ArchiveFiles, ArchiveStyle, ArchiveWriter } from './archive-files.js';
import { ARCHIVE_INDEX, formatArchiveIndex, type IndexedImage } from './archive-index.js';
import { type ArchivedImage, ArchiveError } from './archive-layout.js';
import type { HandedOver, HandOff, HandOffFailed, HandOffTools } from './hand-off.js';

/** Where archives go, and what they are. */
export interface ArchiveSettings extends ArchiveStyle {
  /** Relative to the workspace, or absolute. */
  folder: string;
  /** A file for each image, or one for all, in which layers that images share are stored once. */
  layout: 'per-image' | 'single';
}

/** The name, without its ending, of the one archive for all images. */
const SINGLE = 'images';
/** File systems take 255 bytes. */
const LONGEST_NAME = 80;

/**
 * Hands images over to a folder of archives. What the engine saves is read through and checked, and written anew: so every
 * engine's archives are alike, each image has all its tags, and a layer is stored once.
 */
export function archiveHandOff(settings: ArchiveSettings, engine: Engine): HandOff {
  const { folder, layout } = settings;
  const pathOf = (file: string) => posix.join(folder, file);
  const ending = settings.compression === 'zstd' ? '.tar.zst' : '.tar';
  const indexed: IndexedImage[] = [];
  const { format } = settings;
  const waiting: Omit<IndexedImage, 'format' | 'file' | 'bytes' | 'sha256'>[] = [];
  let single: Promise<ArchiveWriter> | undefined;

  return {
    to: 'archive',
    saves: { folder },
    async attempt(image, built, tools) {
      const saved = tools.temporaryFile('saved.tar');
      const ran = await tools.run(engine.saveUntagged(built.id, saved));
      if (ran.ending.kind !== 'exited' || ran.ending.code !== 0) return { failed: ran };
      let found: ArchivedImage;
      try {
        found = savedImage(await tools.archives.read(saved, tools.signal), built);
      } catch (error) {
        if (error instanceof ArchiveError)
          return { failed: ran, missing: `what it saved is no such image: ${error.message}` };
        return couldNot('read what the engine saved', error);
      }
      const tagged = { ...found, tags: image.tags.map(engine.fullTag) };
      try {
        return layout === 'single'
          ? await addToSingle(image, built, saved, tagged, tools)
          : await writeOne(image, built, saved, tagged, tools);
      } catch (error) {
        return couldNot('write the archive', error);
      }
    },

    async finish(archives) {
      try {
        if (single !== undefined && waiting.length > 0) {
          const file = `${SINGLE}${ending}`;
          const { bytes, sha256 } = await (await single).finish();
          indexed.push(...waiting.map((one) => ({ ...one, format, file, bytes, sha256 })));
        } else await (await single)?.discard();
        // Not in the order in which they happened to be done.
        indexed.sort((a, b) => (a.name < b.name ? -1 : 1));
        await archives.writeWhole(pathOf(ARCHIVE_INDEX), formatArchiveIndex(indexed));
        return undefined;
      } catch (error) {
        await discard();
        return `the archives in ${folder} are not complete: ${messageOf(error)}`;
      }
    },
  };

  async function discard(): Promise<void> {
    try {
      await (await single)?.discard();
    } catch {
      // It was never begun.
    }
  }

  async function writeOne(
    image: ImageSpec,
    built: BuiltImage,
    saved: string,
    found: ArchivedImage,
    tools: HandOffTools,
  ): Promise<HandedOver> {
    const file = `${fileName(image.name, tools.archives)}${ending}`;
    const writer = await tools.archives.begin(pathOf(file), settings);
    try {
      await writer.add(saved, found, tools.signal);
      const { bytes, sha256 } = await writer.finish();
      indexed.push({ ...factsOf(image, built, found), format, file, bytes, sha256 });
      return { said: `written to ${file}`, digest: found.manifest.digest, bytes };
    } catch (error) {
      await writer.discard();
      throw error;
    }
  }

  async function addToSingle(
    image: ImageSpec,
    built: BuiltImage,
    saved: string,
    found: ArchivedImage,
    tools: HandOffTools,
  ): Promise<HandedOver> {
    single ??= tools.archives.begin(pathOf(`${SINGLE}${ending}`), settings);
    await (await single).add(saved, found, tools.signal);
    waiting.push(factsOf(image, built, found));
    return { said: `added to ${SINGLE}${ending}`, digest: found.manifest.digest };
  }
}

function factsOf(image: ImageSpec, built: BuiltImage, { tags, config, manifest }: ArchivedImage) {
  return { name: image.name, tags, id: built.id, config, digest: manifest.digest };
}

/** The image with the id that was built: the digest of its config, or of what names it in the archive's index. */
function savedImage(images: readonly ArchivedImage[], { id }: BuiltImage): ArchivedImage {
  const found = images.find(({ config, manifest }) => config === id || manifest.digest === id);
  if (found !== undefined) return found;
  const seen = images.map(({ config }) => config).join(', ') || 'no image';
  throw new ArchiveError(`it holds ${seen}, expected ${id}`);
}

/** A name that reads like the image's, is right on every file system, and is no other image's. */
function fileName(name: string, { digestOf }: ArchiveFiles): string {
  const plain = name.replace(/[^a-z0-9_.-]+/g, '-').replace(/^[.-]+/, '');
  if (plain === name && name.length <= LONGEST_NAME) return name;
  return `${plain.slice(0, LONGEST_NAME)}-${digestOf(name).slice('sha256:'.length, 'sha256:'.length + 8)}`;
}

function couldNot(what: string, error: unknown): HandOffFailed {
  const full = (error as NodeJS.ErrnoException)?.code === 'ENOSPC';
  return {
    failed: `could not ${what}: ${messageOf(error)}`,
    ...(full ? { as: 'resources-exhausted' as const } : {}),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
