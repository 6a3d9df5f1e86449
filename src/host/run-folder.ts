import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The report folder of a run: the journal as it grows, the logs, and the reports at the end. */
export interface RunFolder {
  path: string;
  /** Adds a line to the journal; it is with the operating system when this returns, so a killed run loses nothing. */
  append(line: string): void;
  logPath(name: string): string;
  write(name: string, text: string): void;
  /** Where the engine may write an image id; outside the report, and gone at the end. */
  idPath(name: string): string;
  takeId(path: string): string | undefined;
  close(): void;
}

const JOURNAL = 'journal.ndjson';

/**
 * Makes the folder that was asked for (relative to the workspace), or a fresh one under the runner's temp folder. An older
 * journal there is replaced, and older logs are removed.
 */
export function createRunFolder(asked: string | undefined, workspace: string): RunFolder {
  const temp = process.env['RUNNER_TEMP'] || tmpdir();
  mkdirSync(temp, { recursive: true });
  const path = asked === undefined ? mkdtempSync(join(temp, 'e2e-build-')) : resolve(workspace, asked);
  rmSync(join(path, 'logs'), { recursive: true, force: true });
  mkdirSync(join(path, 'logs'), { recursive: true });
  const ids = mkdtempSync(join(temp, 'e2e-build-ids-'));
  const journal = openSync(join(path, JOURNAL), 'w');
  return {
    path,
    append: (line) => {
      writeSync(journal, line);
    },
    logPath: (name) => join(path, name),
    write: (name, text) => writeFileSync(join(path, name), text),
    idPath: (name) => join(ids, name),
    takeId: (file) => {
      if (!existsSync(file)) return undefined;
      const id = readFileSync(file, 'utf8').trim();
      rmSync(file, { force: true });
      return id === '' ? undefined : id;
    },
    close: () => {
      closeSync(journal);
      rmSync(ids, { recursive: true, force: true });
    },
  };
}

/** The folder that a killed run left: its journal, and where its reports go; undefined when there is no journal. */
export function openRunFolder(path: string): { journal: string; write(name: string, text: string): void } | undefined {
  const journal = join(path, JOURNAL);
  if (!existsSync(journal)) return undefined;
  return { journal: readFileSync(journal, 'utf8'), write: (name, text) => writeFileSync(join(path, name), text) };
}

/** What planning may know of the disk; a path that cannot be looked at is neither folder nor file. */
export const disk = {
  isFolder: (path: string): boolean => kindOf(path) === 'folder',
  isFile: (path: string): boolean => kindOf(path) === 'file',
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
