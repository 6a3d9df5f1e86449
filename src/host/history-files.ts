import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { formatHistory, type History, mergeHistories, NO_HISTORY, parseHistory } from '../history/history.js';

/** A larger file is none of ours: a history is bounded. */
const MOST_BYTES = 16 * 1024 * 1024;
const MOST_FILES = 32;
const NAME = /^history-[0-9a-f-]{36}\.json$/;
/** What a killed run was still writing. */
const UNFINISHED = /^history-[0-9a-f-]{36}\.json\.new$/;
const UNFINISHED_MS = 24 * 60 * 60 * 1000;
/** Another run may replace a file between our look at the folder and at the file. */
const LOOKS = 3;

/** A history that was read, and what of it could not be. */
export interface ReadHistory {
  history: History;
  warnings: string[];
}

/**
 * The folder of this user's caches, by the platform's custom. Throws an Error where no home folder is known.
 * https://specifications.freedesktop.org/basedir-spec/latest/ (a relative XDG_CACHE_HOME counts as unset)
 */
export function userCacheFolder(platform: string, environment: NodeJS.ProcessEnv, home: () => string): string {
  if (platform === 'win32') return environment['LOCALAPPDATA'] || join(home(), 'AppData', 'Local');
  if (platform === 'darwin') return join(home(), 'Library', 'Caches');
  const xdg = environment['XDG_CACHE_HOME'];
  return xdg?.startsWith('/') ? xdg : join(home(), '.cache');
}

/** Where the history of a scope is kept on this machine. Throws an Error where no home folder is known. */
export function historyFolder(scopeName: string): string {
  return join(userCacheFolder(process.platform, process.env, homedir), 'e2e-build-action', scopeName);
}

/** Reads a file as a history; undefined when it is none. Rejects with what reading it throws. */
export async function readHistoryFile(path: string): Promise<History | undefined> {
  const found = await stat(path);
  // A pipe would be waited for, even by the end of this process.
  const isOurs = found.isFile() && found.size <= MOST_BYTES;
  return isOurs ? parseHistory(await readFile(path, 'utf8')) : undefined;
}

/** All that is kept in the folder; nothing, where there is no folder. Whatever is wrong with it is a warning. */
export async function readHistoryFolder(folder: string): Promise<ReadHistory> {
  const { history, warnings } = await look(folder);
  return { history, warnings };
}

/**
 * Adds to what is kept in the folder: writes all of it as one new file, whole or not at all, and removes the files that it
 * replaces. Two runs that do so at once leave a file each, which the next look merges, so that neither waits for the other.
 * Rejects where the folder cannot be written.
 */
export async function addToHistoryFolder(folder: string, learn: (known: History) => History): Promise<ReadHistory> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { history: known, warnings, seen } = await look(folder);
  const history = learn(known);
  const path = join(folder, `history-${randomUUID()}.json`);
  await writeFile(`${path}.new`, formatHistory(history), { mode: 0o600, flush: true });
  await rename(`${path}.new`, path);
  for (const name of [...seen, ...(await abandoned(folder))]) await rm(join(folder, name), { force: true });
  return { history, warnings };
}

/** `seen`: what is in `history`, or can be in none. */
async function look(folder: string): Promise<ReadHistory & { seen: string[] }> {
  for (let looks = 1; ; looks += 1) {
    const warnings: string[] = [];
    const found: History[] = [];
    const seen: string[] = [];
    let vanished = false;
    const all = (await names(folder, warnings)).filter((one) => NAME.test(one));
    for (const name of all.slice(0, MOST_FILES)) {
      const path = join(folder, name);
      try {
        const history = await readHistoryFile(path);
        seen.push(name);
        if (history === undefined) warnings.push(`${path} is no history of this version, and was left out`);
        else found.push(history);
      } catch (error) {
        if (codeOf(error) === 'ENOENT') vanished = true;
        else warnings.push(`${path} cannot be read: ${messageOf(error)}`);
      }
    }
    if (!vanished || looks === LOOKS) {
      return { history: found.length === 0 ? NO_HISTORY : mergeHistories(found), warnings, seen };
    }
  }
}

async function names(folder: string, warnings: string[]): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') warnings.push(`${folder} cannot be read: ${messageOf(error)}`);
    return [];
  }
}

/** Files that no run can still be writing. */
async function abandoned(folder: string): Promise<string[]> {
  const unfinished = (await names(folder, [])).filter((name) => UNFINISHED.test(name));
  const ages = unfinished.map(async (name) => {
    // Whoever was writing it may have come to its end.
    const written = await stat(join(folder, name)).catch(() => undefined);
    return written !== undefined && Date.now() - written.mtimeMs > UNFINISHED_MS ? [name] : [];
  });
  return (await Promise.all(ages)).flat();
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
