import { isAbsolute, relative, sep } from 'node:path';
import type { Problem } from './inputs.js';

/** What reading and planning ask of the disk; paths are absolute. */
export interface Disk {
  isFolder(path: string): boolean;
  isFile(path: string): boolean;
  /** The path with every symbolic link followed; the path itself where there is nothing. */
  realPath(path: string): string;
}

/** What is wrong with a path that a symbolic link takes out: who writes the repository does not decide what is read. */
export const LINK_OUT = (real: string): Pick<Problem, 'expected' | 'hint'> => ({
  expected: 'a path that stays in the workspace, or is written as one that leaves it',
  hint: `a symbolic link leads to ${real}: write that path if it is meant`,
});

/** Where a path that is written within one of these folders leads in truth, if that is in none of them. */
export function linkOut(path: string, folders: readonly string[], disk: Disk): string | undefined {
  const real = disk.realPath(path);
  const isWritten = folders.some((folder) => isWithin(path, folder));
  return !isWritten || folders.some((folder) => isWithin(real, disk.realPath(folder))) ? undefined : real;
}

/** Whether a path is the folder or lies below it; both are absolute. */
export function isWithin(path: string, folder: string): boolean {
  const inside = relative(folder, path);
  return inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
}
