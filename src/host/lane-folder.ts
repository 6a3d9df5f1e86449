import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import type { SharingRun } from '../schedule/shared-lane.js';
import { procFiles } from './proc-files.js';

/** Nobody looks and writes for longer than this; the lock of a process that was stopped in it is broken. */
const LOCK_LIMIT_MS = 5_000;

/** What a run's file holds; the file's name is its id. */
export interface Entry extends SharingRun {
  pid: number;
  /** The kernel's word for when the process began; pids come again. Empty where there is no /proc. */
  started: string;
}

/**
 * Removes what runs that died left in the folders of all engines, as a killed run leaves its entry, and folders in which nobody
 * is. `root`: this machine's temporary folder, but for tests. What cannot be removed stays.
 */
export function removeDeadRuns(root = tmpdir()): void {
  const lanes = lanesIn(root);
  // Nobody waits for what is dead, and what others remove meanwhile need not be.
  tryTo(() => {
    if (!isOwn(lanes)) return;
    for (const lane of readdirSync(lanes)) tryTo(() => removeDeadIn(join(lanes, lane)));
  });
}

function removeDeadIn(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (name.endsWith('.json') ? livingRun(path) === undefined : isLeft(path)) rmSync(path, { force: true });
  }
  removeEmpty(folder);
}

/** Does what may fail: another run does the same at this moment, or the next one will. */
function tryTo(act: () => void): void {
  try {
    act();
  } catch {
    // It stays as it is.
  }
}

function lanesIn(temporary: string): string {
  return join(temporary, `e2e-build-lanes-${userInfo().uid}`);
}

/** One folder for each engine. */
export function folderOf(temporary: string, key: string): string {
  return join(lanesIn(temporary), createHash('sha256').update(key).digest('hex').slice(0, 32));
}

/** Of this user alone: in a folder that all can write to, somebody else may have made it. Throws ENOENT when it is removed meanwhile. */
export function makeFolder(folder: string): void {
  const lanes = dirname(folder);
  mkdirSync(lanes, { recursive: true, mode: 0o700 });
  if (!isOwn(lanes)) throw new Error(`${lanes} belongs to somebody else`);
  if (process.platform !== 'win32') chmodSync(lanes, 0o700);
  try {
    // Not with its parents, which would get another mode.
    mkdirSync(folder);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

function isOwn(lanes: string): boolean {
  const { uid } = userInfo();
  const stats = lstatSync(lanes);
  return stats.isDirectory() && (uid < 0 || stats.uid === uid);
}

/** Removes an engine's folder if nobody is in it, and then the one of all if that was the last. */
export function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
    rmdirSync(dirname(folder));
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(codeOf(error) ?? '')) throw error;
  }
}

/** Such as `ENOENT`; undefined for an error of another kind. */
export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

/** Undefined while another run has it. */
export function lock(folder: string): (() => void) | undefined {
  const path = join(folder, 'lock');
  for (let turn = 0; turn < 2; turn += 1) {
    try {
      const file = openSync(path, 'wx', 0o600);
      writeFileSync(file, JSON.stringify({ pid: process.pid, started: startOf(process.pid) }));
      closeSync(file);
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
      if (!isLeft(path)) return undefined;
      rmSync(path, { force: true });
    }
  }
  return undefined;
}

/** Whoever holds it is dead, or has not moved for long. */
function isLeft(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return true;
  if (Date.now() - stats.mtimeMs > LOCK_LIMIT_MS) return true;
  const holder = readEntry(path);
  return holder !== undefined && !isAlive(holder);
}

/** The entry of a run that lives; undefined for what is left of a dead one, or is none of ours. */
export function livingRun(path: string): Entry | undefined {
  const entry = readEntry(path);
  return entry !== undefined && isAlive(entry) ? entry : undefined;
}

function readEntry(path: string): Entry | undefined {
  try {
    const entry = JSON.parse(readFileSync(path, 'utf8')) as Entry;
    return Number.isInteger(entry.pid) && typeof entry.started === 'string' ? entry : undefined;
  } catch {
    return undefined;
  }
}

function isAlive({ pid, started }: Pick<Entry, 'pid' | 'started'>): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
  return startOf(pid) === started;
}

/** Field 22 of proc_pid_stat(5); empty where there is no /proc, or no such process. A zombie does nothing any more. */
export function startOf(pid: number): string {
  const stat = procFiles.read(`${pid}/stat`) ?? '';
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? '' : (fields[19] ?? '');
}
