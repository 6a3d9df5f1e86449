import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  formatKeptImage,
  KEPT_FOR_MS,
  type KeptImage,
  LONGEST_KEPT,
  MOST_KEPT,
  parseKeptImage,
} from '../history/kept-image.js';

const NAME = /^image-([0-9a-f]{64})\.json(?:\.[0-9a-f-]{36}\.new)?$/;

/** Which images earlier runs built, by their keys. */
export interface ImageStore {
  /** The image of this key; undefined when none is known, or it is too old. */
  find(key: string): KeptImage | undefined;
  /** Remembers an image. Throws where the folder cannot be written. */
  keep(image: KeptImage): void;
}

/**
 * Keeps a small file for each key in this folder, which need not be there. Files are written whole or not at all, so that
 * runs at the same time need no lock: of the same key the last one stays, and each of them names such an image.
 */
export function createImageStore(folder: string): ImageStore {
  const pathOf = (key: string) => join(folder, `image-${key}.json`);
  return {
    find(key) {
      const path = pathOf(key);
      try {
        return statSync(path).size > LONGEST_KEPT
          ? undefined
          : parseKeptImage(readFileSync(path, 'utf8'), key, Date.now());
      } catch {
        return undefined;
      }
    },
    keep(image) {
      const text = formatKeptImage(image);
      if (text === undefined) return;
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const path = pathOf(image.key);
      const unfinished = `${path}.${randomUUID()}.new`;
      writeFileSync(unfinished, text, { mode: 0o600 });
      renameSync(unfinished, path);
      removeOld(folder);
    },
  };
}

/** What is too old, or beyond the number that is kept, goes; others may do the same at this moment. */
function removeOld(folder: string): void {
  const files = readdirSync(folder)
    .filter((name) => NAME.test(name))
    .flatMap((name) => {
      const { mtimeMs } = statSync(join(folder, name), { throwIfNoEntry: false }) ?? {};
      return mtimeMs === undefined ? [] : [{ name, mtimeMs }];
    })
    .sort((a, b) => b.mtimeMs - a.mtimeMs);
  const isOld = ({ mtimeMs }: { mtimeMs: number }) => Date.now() - mtimeMs > KEPT_FOR_MS;
  for (const [index, file] of files.entries()) {
    if (index >= MOST_KEPT || isOld(file)) rmSync(join(folder, file.name), { force: true });
  }
}
