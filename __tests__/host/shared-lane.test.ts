import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { joinSharedLane } from '../../src/host/shared-lane.js';
import type { EngineFacts } from '../../src/journal/events.js';
import type { SharedLane } from '../../src/schedule/shared-lane.js';

const ENGINE: EngineFacts = {
  name: 'podman',
  dialect: 'podman-remote',
  served: true,
  version: '5.8.6',
  address: 'unix:///run/podman.sock',
  why: 'asked',
};

let folder: string;
let open: SharedLane[];
/** One clock for all runs. */
let at: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lanes-'));
  open = [];
  at = Date.now();
});
afterEach(() => {
  for (const lane of open) lane.close();
  rmSync(folder, { recursive: true, force: true });
});

function joinLane(limit: number, told: string[] = [], engine = ENGINE, root = folder): SharedLane {
  const lane = joinSharedLane({
    root,
    engine,
    address: engine.address ?? '',
    limit,
    // Each look is a moment after the one before.
    now: () => {
      at += 1;
      return at;
    },
    onRoom: () => {},
    onWaited: (_ms, others) => told.push(`waited for ${others}`),
    onTrouble: (why) => told.push(why),
  });
  open.push(lane);
  return lane;
}

/** The folder in which the runs on an engine have their files. */
function laneFolder(): string {
  const [root] = readdirSync(folder).filter((name) => name.startsWith('e2e-build-lanes-'));
  const [lane] = readdirSync(join(folder, root as string));
  return join(folder, root as string, lane as string);
}

describe('runs on the same engine', () => {
  it('share one lane, the narrowest of theirs', () => {
    const [wide, narrow] = [joinLane(3), joinLane(2)];
    expect([wide.enter(), wide.enter(), wide.enter()]).toEqual([true, true, false]);
    expect(narrow.enter()).toBe(false);
    wide.leave();
    // Whoever has waited longest goes first.
    expect([narrow.enter(), wide.enter()]).toEqual([false, true]);
    wide.leave();
    expect(narrow.enter()).toBe(true);
  });

  it('go serial together when the lane of one does', () => {
    const [one, other] = [joinLane(2), joinLane(2)];
    expect(one.enter()).toBe(true);
    one.setLimit(1);
    expect(other.enter()).toBe(false);
    one.leave();
    expect(other.enter()).toBe(true);
  });

  it('do not count one that has left', () => {
    const [one, other] = [joinLane(1), joinLane(1)];
    expect([one.enter(), other.enter()]).toEqual([true, false]);
    one.close();
    expect(other.enter()).toBe(true);
  });

  it('do not know those on another engine', () => {
    const [one, other] = [joinLane(1), joinLane(1, [], { ...ENGINE, address: 'unix:///run/other.sock' })];
    expect([one.enter(), other.enter()]).toEqual([true, true]);
  });
});

describe('a run that died', () => {
  const dead = { pid: spawnSync('true').pid ?? 0, started: '1' };

  it('frees its places at once', () => {
    const lane = joinLane(1);
    const entry = { ...dead, id: 'dead', limit: 1, running: 1, seenAt: 0 };
    writeFileSync(join(laneFolder(), 'dead.json'), JSON.stringify(entry));
    expect(lane.enter()).toBe(true);
    expect(readdirSync(laneFolder())).not.toContain('dead.json');
  });

  it('is told from a process that has got its pid since', () => {
    const lane = joinLane(1);
    const entry = { pid: process.pid, started: 'long ago', id: 'dead', limit: 1, running: 1, seenAt: 0 };
    writeFileSync(join(laneFolder(), 'dead.json'), JSON.stringify(entry));
    expect(lane.enter()).toBe(true);
  });

  it('does not keep the lock that it held', () => {
    const lane = joinLane(1);
    writeFileSync(join(laneFolder(), 'lock'), JSON.stringify(dead));
    expect(lane.enter()).toBe(true);
  });
});

it('a lock that is held at this moment is waited for, and broken when nobody moves', () => {
  const lane = joinLane(1);
  const lock = join(laneFolder(), 'lock');
  writeFileSync(lock, '');
  expect(lane.enter()).toBe(false);
  const longAgo = Date.now() / 1000 - 60;
  utimesSync(lock, longAgo, longAgo);
  expect(lane.enter()).toBe(true);
});

it('files that are none of ours stop nobody', () => {
  const lane = joinLane(1);
  writeFileSync(join(laneFolder(), 'x.json'), '{"pid": "no"}');
  expect(lane.enter()).toBe(true);
});

it('a run builds as if it were alone where it cannot have a folder, and says so once', () => {
  const told: string[] = [];
  writeFileSync(join(folder, 'none'), 'a file');
  const lane = joinLane(1, told, ENGINE, join(folder, 'none'));
  expect([lane.enter(), lane.enter()]).toEqual([true, true]);
  lane.setLimit(1);
  expect(told).toHaveLength(1);
});

it("leaves no file behind, and nobody else can read the lane's folder", () => {
  const lane = joinLane(2);
  lane.enter();
  const at = laneFolder();
  expect(JSON.parse(readFileSync(join(at, readdirSync(at)[0] as string), 'utf8'))).toMatchObject({ running: 1 });
  lane.leave();
  lane.close();
  expect(readdirSync(at)).toEqual([]);
});
