import { createHash, randomUUID } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Engine } from '../engine/engine.js';
import type { EngineFacts, JournalEvent } from '../journal/events.js';
import { mayTakePlace, type SharedLane, type SharingRun } from '../schedule/shared-lane.js';
import { every } from './clock.js';
import { procFiles } from './proc-files.js';

/** How often a run that waits looks whether there is room. */
const LOOK_EVERY_MS = 200;
/** Nobody looks and writes for longer than this; the lock of a process that was stopped in it is broken. */
const LOCK_LIMIT_MS = 5_000;
/** A wait that is not worth a line in the report. */
const TOLD_AFTER_MS = 500;

/** What a run's file holds; the file's name is its id. */
interface Entry extends SharingRun {
  pid: number;
  /** The kernel's word for when the process began; pids come again. Empty where there is no /proc. */
  started: string;
}

/**
 * Joins the lane of all runs of this user that build on the same engine: a folder in which each run has a file with how many
 * builds it runs and may run. A run that died is seen by its process, and counts no more. Whatever goes wrong with the folder, the
 * run builds on as if it were alone, and says so once.
 */
export function joinSharedLane(of: {
  /** Where the folders of all engines are; this machine's temporary folder, but for tests. */
  root?: string;
  engine: Pick<EngineFacts, 'name'>;
  /** What tells the engine from others of its name: where its server listens, or its storage. */
  address: string;
  limit: number;
  now(): number;
  /** There may be room now. */
  onRoom(): void;
  /** It waited so long for other runs, of which there were so many. */
  onWaited(ms: number, others: number): void;
  onTrouble(why: string): void;
}): SharedLane {
  const id = randomUUID();
  const own: Entry = { id, pid: process.pid, started: startOf(process.pid), limit: of.limit, running: 0, seenAt: 0 };
  let alone = false;
  let stopLooking: (() => void) | undefined;
  let mostOthers = 0;
  const folder = attempt(() => makeFolder(of.root ?? tmpdir(), `${of.engine.name}\0${of.address}`));
  attempt(write);

  return {
    enter() {
      const may = alone || (attempt(tryToEnter) ?? true);
      if (may) {
        stopLooking?.();
        stopLooking = undefined;
      } else stopLooking ??= every(LOOK_EVERY_MS, of.onRoom);
      return may;
    },
    leave() {
      own.running -= 1;
      attempt(write);
    },
    setLimit(limit) {
      own.limit = limit;
      attempt(write);
    },
    close() {
      stopLooking?.();
      if (folder !== undefined) attempt(() => rmSync(join(folder, `${id}.json`), { force: true }));
      alone = true;
    },
  };

  function tryToEnter(): boolean {
    if (folder === undefined) return true;
    own.seenAt = of.now();
    own.waitingSince ??= own.seenAt;
    // Another run looks at this moment: soon again.
    const unlock = lock(folder);
    if (unlock === undefined) return false;
    try {
      const others = readOthers(folder);
      mostOthers = Math.max(mostOthers, others.length);
      const may = mayTakePlace(own, others, own.seenAt);
      if (may) {
        const waited = own.seenAt - own.waitingSince;
        if (waited >= TOLD_AFTER_MS) of.onWaited(waited, mostOthers);
        delete own.waitingSince;
        mostOthers = 0;
        own.running += 1;
      }
      write();
      return may;
    } finally {
      unlock();
    }
  }

  function write(): void {
    if (folder === undefined || alone) return;
    const part = join(folder, `${id}.part`);
    writeFileSync(part, JSON.stringify(own), { mode: 0o600 });
    renameSync(part, join(folder, `${id}.json`));
  }

  /** The entries of the other runs that live; those of dead ones are removed. */
  function readOthers(at: string): Entry[] {
    return readdirSync(at).flatMap((name) => {
      if (name === `${id}.json` || !name.endsWith('.json')) return [];
      const entry = readEntry(join(at, name));
      if (entry === undefined || !isAlive(entry)) {
        rmSync(join(at, name), { force: true });
        return [];
      }
      return [entry];
    });
  }

  function attempt<T>(act: () => T): T | undefined {
    if (alone) return undefined;
    try {
      return act();
    } catch (error) {
      alone = true;
      of.onTrouble(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }
}

/** Joins the lane of the runs on this engine, and tells what it waits for in the journal. */
export function laneJoiner({
  engine,
  now,
  record,
}: {
  engine: Engine;
  now(): number;
  record(event: JournalEvent): void;
}): (limit: number, onRoom: () => void) => SharedLane {
  // A client that is given no address takes what its environment says; without a server it is the storage that is shared.
  const given = engine.facts.address ?? (engine.server === undefined ? undefined : process.env[engine.server.variable]);
  const address = given ?? process.env['CONTAINERS_STORAGE_CONF'] ?? '';
  return (limit, onRoom) =>
    joinSharedLane({
      engine: engine.facts,
      address,
      limit,
      now,
      onRoom,
      onWaited: (ms, runs) => record({ type: 'waited-for-runs', at: now(), ms, runs }),
      onTrouble: (why) =>
        record({ type: 'warning', at: now(), message: `the lane is not shared with other runs: ${why}` }),
    });
}

/** One folder for each engine, of this user alone: in a folder that all can write to, somebody else may have made it. */
function makeFolder(temporary: string, key: string): string {
  const { uid } = userInfo();
  const root = join(temporary, `e2e-build-lanes-${uid}`);
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const stats = lstatSync(root);
  if (!stats.isDirectory() || (uid >= 0 && stats.uid !== uid)) throw new Error(`${root} belongs to somebody else`);
  if (process.platform !== 'win32') chmodSync(root, 0o700);
  const folder = join(root, createHash('sha256').update(key).digest('hex').slice(0, 32));
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Undefined while another run has it. */
function lock(folder: string): (() => void) | undefined {
  const path = join(folder, 'lock');
  for (let turn = 0; turn < 2; turn += 1) {
    try {
      const file = openSync(path, 'wx', 0o600);
      writeFileSync(file, JSON.stringify({ pid: process.pid, started: startOf(process.pid) }));
      closeSync(file);
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
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
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return startOf(pid) === started;
}

/** Field 22 of proc_pid_stat(5); empty where there is no /proc, or no such process. A zombie does nothing any more. */
function startOf(pid: number): string {
  const stat = procFiles.read(`${pid}/stat`) ?? '';
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? '' : (fields[19] ?? '');
}
