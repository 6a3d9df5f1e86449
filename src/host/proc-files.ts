import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { ProcFiles } from '../resources/proc-files.js';

/**
 * This machine's /proc. Files vanish with their process and platforms other than Linux have none of them, so what cannot
 * be read is undefined, whatever the reason. Reads are synchronous: /proc is memory, and a look at it is one moment.
 */
export const procFiles: ProcFiles = {
  read: (path) => unlessItThrows(() => readFileSync(`/proc/${path}`, 'utf8')),
  list: (path) => unlessItThrows(() => readdirSync(`/proc/${path}`)),
  link: (path) => unlessItThrows(() => readlinkSync(`/proc/${path}`)),
};

function unlessItThrows<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
