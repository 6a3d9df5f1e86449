import { createHash } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { ArchiveFiles } from '../handoff/archive-files.js';
import { readLayout } from '../handoff/archive-layout.js';
import { writeWhole } from './whole-file.js';

/** Archives on this machine's disk. What reads and writes them is loaded only when there are any. */
export function createArchiveFiles(workspace: string, scratch: string): ArchiveFiles {
  const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
  let parts = 0;
  /** A hidden name that is known as this run's; upload-artifact leaves hidden files out. */
  const partOf = (path: string) => {
    parts += 1;
    return join(dirname(path), `.${parts}${markOf(scratch)}`);
  };
  return {
    digestOf,
    async read(path, signal) {
      const { listArchive } = await import('./archive-reader.js');
      return readLayout(await listArchive(resolve(workspace, path), signal), digestOf);
    },
    async begin(path, style) {
      const { createArchiveWriter } = await import('./archive-writer.js');
      const whole = resolve(workspace, path);
      return createArchiveWriter(whole, partOf(whole), style);
    },
    async writeWhole(path, text) {
      const whole = resolve(workspace, path);
      await writeWhole(whole, partOf(whole), text);
    },
  };
}

/** Removes what a killed run had begun to write in a folder. */
export function removePartialArchives(folder: string, scratch: string): void {
  try {
    const names = readdirSync(folder).filter((name) => name.startsWith('.') && name.endsWith(markOf(scratch)));
    for (const name of names) rmSync(join(folder, name), { force: true });
  } catch {
    // There is no such folder.
  }
}

function markOf(scratch: string): string {
  return `.${basename(scratch)}.part`;
}
