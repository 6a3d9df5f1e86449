import { dirname, resolve } from 'node:path';
import type { Needs } from '../../src/plan/needs.js';
import type { Disk } from '../../src/plan/plan.js';

export const WORKSPACE = resolve('/checkout');

/** A disk with these files, relative to the workspace, and the folders that they are in. */
export function diskWith(...files: string[]): Disk {
  const paths = new Set(files.map((file) => resolve(WORKSPACE, file)));
  const folders = new Set([WORKSPACE]);
  for (const path of paths) {
    for (let folder = dirname(path); !folders.has(folder) && folder !== dirname(folder); folder = dirname(folder)) {
      folders.add(folder);
    }
  }
  return { isFile: (path) => paths.has(path), isFolder: (path) => folders.has(path), realPath: (path) => path };
}

/** Where the tests' plans are made, but for the disk. */
export const PLACE = { workspace: WORKSPACE, environment: {}, scratch: '/scratch' };

/** Of images that need nothing of each other. */
export const NO_NEEDS: Needs = { of: () => [], byTag: () => false, problems: [] };
