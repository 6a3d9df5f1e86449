import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkFolder } from '../recover/leftovers.js';

/** What a podman server unpacks a context into, and what a build keeps its steps' bundles in. */
const KINDS = { libpod_builder: 'context', buildah: 'bundle' } as const;
const NAME = /^(libpod_builder|buildah)\d+$/;

/** The temporary folders of builds that this user owns in these folders, with the time at which they were made. */
export function listWorkFolders(folders: Iterable<string>, owner: number): WorkFolder[] {
  return [...new Set(folders)].flatMap((folder) =>
    namesIn(folder).flatMap((name) => {
      const kind = KINDS[NAME.exec(name)?.[1] as keyof typeof KINDS];
      const stats = statOf(join(folder, name));
      // Without a birth time nothing is known; a link is no folder of a build.
      if (kind === undefined || stats === undefined || !stats.isDirectory() || stats.birthtimeMs <= 0) return [];
      return stats.uid === owner ? [{ path: join(folder, name), kind, bornAt: Math.round(stats.birthtimeMs) }] : [];
    }),
  );
}

/**
 * Removes a folder; says why when it is still there. What is mounted below it, such as a step's volumes, would be emptied
 * with it: such a folder is left.
 */
export async function removeWorkFolder(path: string): Promise<string | undefined> {
  if (hasMounts(path)) return 'something is mounted in it';
  try {
    await rm(path, { recursive: true, force: true, maxRetries: 2 });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function hasMounts(path: string): boolean {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .some((line) => (line.split(' ')[4] ?? '').startsWith(`${path}/`) || line.split(' ')[4] === path);
  } catch {
    return true;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function statOf(path: string) {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
