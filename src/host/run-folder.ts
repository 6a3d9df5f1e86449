import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { temporaryFolder } from './scratch-folder.js';

/** The report folder of a run: the journal as it grows, the logs, and the reports at the end. */
export interface RunFolder {
  path: string;
  /** Adds a line to the journal; it is with the operating system when this returns, so a killed run loses nothing. */
  append(line: string): void;
  logPath(name: string): string;
  write(name: string, text: string): void;
  close(): void;
}

const JOURNAL = 'journal.ndjson';

/**
 * Makes the folder that was asked for (relative to the workspace), or a fresh one under the runner's temp folder. An older
 * run's journal and logs there are removed before `announce` is told the path, so that nobody takes them for ours.
 */
export function createRunFolder(
  asked: string | undefined,
  workspace: string,
  announce: (path: string) => void,
): RunFolder {
  const path = asked === undefined ? join(temporaryFolder(), `e2e-build-${randomUUID()}`) : resolve(workspace, asked);
  for (const old of [JOURNAL, 'logs']) rmSync(join(path, old), { recursive: true, force: true });
  announce(path);
  mkdirSync(join(path, 'logs'), { recursive: true });
  const journal = openSync(join(path, JOURNAL), 'w');
  return { ...folderAt(path, journal), close: () => closeSync(journal) };
}

function folderAt(path: string, journal: number): Omit<RunFolder, 'close'> {
  return {
    path,
    append: (line) => {
      writeSync(journal, line);
    },
    logPath: (name) => join(path, name),
    write: (name, text) => writeFileSync(join(path, name), text),
  };
}

/**
 * The folder that a killed run left, with what its journal holds; undefined when there is no journal. What is appended
 * begins on a line of its own, wherever the journal was cut.
 */
export function openRunFolder(path: string): { folder: RunFolder; journal: string } | undefined {
  const file = join(path, JOURNAL);
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, 'utf8');
  const journal = openSync(file, 'a');
  if (text !== '' && !text.endsWith('\n')) writeSync(journal, '\n');
  return { journal: text, folder: { ...folderAt(path, journal), close: () => closeSync(journal) } };
}

/** The journal in this folder; undefined when there is none that can be read. */
export function readJournal(folder: string): string | undefined {
  try {
    return readFileSync(join(folder, JOURNAL), 'utf8');
  } catch {
    return undefined;
  }
}

/** What planning may know of the disk; a path that cannot be looked at is neither folder nor file. */
export const disk = {
  isFolder: (path: string): boolean => kindOf(path) === 'folder',
  isFile: (path: string): boolean => kindOf(path) === 'file',
  realPath: (path: string): string => {
    try {
      return realpathSync(path);
    } catch {
      return path;
    }
  },
};

function kindOf(path: string): 'folder' | 'file' | undefined {
  try {
    return statSync(path).isDirectory() ? 'folder' : 'file';
  } catch {
    return undefined;
  }
}

/** Bytes that are free for us where this folder lies; undefined when it cannot be asked. */
export function freeBytes(folder: string): number | undefined {
  try {
    const stats = statfsSync(folder);
    return stats.bavail * stats.bsize;
  } catch {
    return undefined;
  }
}

/** What is free for us where these folders lie, or will lie, in bytes. */
export function spaceIn(folders: readonly string[]): { folder: string; freeBytes?: number }[] {
  return folders.map((folder) => {
    let there = folder;
    while (!existsSync(there) && dirname(there) !== there) there = dirname(there);
    const free = freeBytes(there);
    return { folder, ...(free === undefined ? {} : { freeBytes: free }) };
  });
}
