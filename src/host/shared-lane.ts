import { randomUUID } from 'node:crypto';
import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine } from '../engine/engine.js';
import { serverKey } from '../engine/server-key.js';
import type { EngineFacts, JournalEvent } from '../journal/events.js';
import { mayTakePlace, type SharedLane, STILL_WAITS_MS } from '../schedule/shared-lane.js';
import { every } from './clock.js';
import { codeOf, type Entry, folderOf, livingRun, lock, makeFolder, removeEmpty, startOf } from './lane-folder.js';
import { disk } from './run-folder.js';

/** How often a run that waits looks whether there is room. */
const LOOK_EVERY_MS = 200;
/** Another run leaves in the very moment in which this one joins; several in a row are unlikely. */
const JOIN_TURNS = 100;
/** A wait that is not worth a line in the report. */
const TOLD_AFTER_MS = 500;
/** Whoever reads the log as it grows wonders by then why nothing begins. */
const TOLD_MEANWHILE_AFTER_MS = 5_000;

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
  /** It waited so long for other runs, of which there were so many, until this moment. */
  onWaited(ms: number, others: number, until: number): void;
  /** It has waited so long by now; told once for each wait. */
  onWaiting(ms: number, others: number): void;
  onTrouble(why: string): void;
}): SharedLane {
  const id = randomUUID();
  const own: Entry = { id, pid: process.pid, started: startOf(process.pid), limit: of.limit, running: 0, seenAt: 0 };
  /** It builds as if there were no others. */
  let unshared = false;
  let stopLooking: (() => void) | undefined;
  let mostOthers = 0;
  let toldMeanwhile = false;
  const at = folderOf(of.root ?? tmpdir(), `${of.engine.name}\0${of.address}`);
  const folder = attempt(() => joinFolder(at));

  return {
    enter(toBeAlone) {
      const may = unshared || (attempt(() => tryToEnter(toBeAlone)) ?? true);
      if (may) {
        stopLooking?.();
        stopLooking = undefined;
      } else stopLooking ??= every(LOOK_EVERY_MS, of.onRoom);
      return may;
    },
    leave() {
      own.running -= 1;
      delete own.alone;
      attempt(write);
    },
    setLimit(limit) {
      own.limit = limit;
      attempt(write);
    },
    close() {
      stopLooking?.();
      unshared = true;
      if (folder === undefined) return;
      try {
        rmSync(join(folder, `${id}.json`), { force: true });
        removeEmpty(folder);
      } catch {
        // The others see that this process has ended.
      }
    },
  };

  function tryToEnter(toBeAlone: boolean): boolean {
    if (folder === undefined) return true;
    const now = of.now();
    // In between it waited for something else, such as its engine.
    if (own.waitingSince !== undefined && now - own.seenAt > STILL_WAITS_MS) endWait(own.waitingSince, own.seenAt);
    own.seenAt = now;
    own.waitingSince ??= now;
    if (toBeAlone) own.alone = true;
    else delete own.alone;
    // Another run looks at this moment: soon again.
    const unlock = lock(folder);
    if (unlock === undefined) return false;
    try {
      const others = readOthers(folder);
      mostOthers = Math.max(mostOthers, others.length);
      const may = mayTakePlace(own, others, own.seenAt);
      const waited = own.seenAt - own.waitingSince;
      if (may) {
        endWait(own.waitingSince, own.seenAt);
        own.running += 1;
      } else if (waited >= TOLD_MEANWHILE_AFTER_MS && !toldMeanwhile) {
        toldMeanwhile = true;
        of.onWaiting(waited, mostOthers);
      }
      write();
      return may;
    } finally {
      unlock();
    }
  }

  function endWait(since: number, until: number): void {
    if (until - since >= TOLD_AFTER_MS) of.onWaited(until - since, mostOthers, until);
    delete own.waitingSince;
    mostOthers = 0;
    toldMeanwhile = false;
  }

  /** Whoever leaves removes a folder in which nobody is, perhaps just before this run is in it. */
  function joinFolder(folder: string): string {
    for (let turn = 1; ; turn += 1) {
      try {
        makeFolder(folder);
        writeTo(folder);
        return folder;
      } catch (error) {
        if (codeOf(error) !== 'ENOENT' || turn === JOIN_TURNS) throw error;
      }
    }
  }

  function write(): void {
    if (folder !== undefined && !unshared) writeTo(folder);
  }

  function writeTo(folder: string): void {
    const part = join(folder, `${id}.part`);
    writeFileSync(part, JSON.stringify(own), { mode: 0o600 });
    renameSync(part, join(folder, `${id}.json`));
  }

  /** The entries of the other runs that live; those of dead ones are removed. */
  function readOthers(at: string): Entry[] {
    return readdirSync(at).flatMap((name) => {
      if (name === `${id}.json` || !name.endsWith('.json')) return [];
      const entry = livingRun(join(at, name));
      if (entry === undefined) rmSync(join(at, name), { force: true });
      return entry ?? [];
    });
  }

  function attempt<T>(act: () => T): T | undefined {
    if (unshared) return undefined;
    try {
      return act();
    } catch (error) {
      unshared = true;
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
  // A client would take tenths of a second to tell its default connection, for which no build waits.
  const address = serverKey(engine.server, process.env, disk.realPath);
  return (limit, onRoom) =>
    joinSharedLane({
      engine: engine.facts,
      address,
      limit,
      now,
      onRoom,
      onWaited: (ms, runs, until) => record({ type: 'waited-for-runs', at: until, ms, runs }),
      onWaiting: (ms, runs) => record({ type: 'waiting-for-runs', at: now(), ms, runs }),
      onTrouble: (why) =>
        record({ type: 'warning', at: now(), message: `the lane is not shared with other runs: ${why}` }),
    });
}
