import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { removeDeadRuns } from '../../src/host/lane-folder.js';
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
/** How long they have waited, in milliseconds. */
let waits: number[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lanes-'));
  open = [];
  at = Date.now();
  waits = [];
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
    onWaited: (ms, others) => {
      waits.push(ms);
      told.push(`waited for ${others}`);
    },
    onWaiting: (_ms, others) => told.push(`waits for ${others}`),
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
  it('say that they wait when that takes long, once', () => {
    const told: string[] = [];
    const [one, other] = [joinLane(1), joinLane(1, told)];
    expect(one.enter(false)).toBe(true);
    for (let look = 0; look < 40; look += 1) {
      expect(other.enter(false)).toBe(false);
      at += 200;
    }
    expect(told).toEqual(['waits for 1']);
    one.leave();
    expect(other.enter(false)).toBe(true);
    expect(told).toEqual(['waits for 1', 'waited for 1']);
  });

  it('wait anew after they have waited for something else', () => {
    const told: string[] = [];
    const [one, other] = [joinLane(1), joinLane(1, told)];
    expect([one.enter(false), other.enter(false)]).toEqual([true, false]);
    at += 700;
    expect(other.enter(false)).toBe(false);
    // Its engine was away for a minute, in which it did not ask.
    at += 60_000;
    one.leave();
    expect(other.enter(false)).toBe(true);
    expect(waits).toEqual([expect.closeTo(700, -2)]);
    expect(told).toEqual(['waited for 1']);
  });

  it('share one lane, the narrowest of theirs', () => {
    const [wide, narrow] = [joinLane(3), joinLane(2)];
    expect([wide.enter(false), wide.enter(false), wide.enter(false)]).toEqual([true, true, false]);
    expect(narrow.enter(false)).toBe(false);
    wide.leave();
    // Whoever has waited longest goes first.
    expect([narrow.enter(false), wide.enter(false)]).toEqual([false, true]);
    wide.leave();
    expect(narrow.enter(false)).toBe(true);
  });

  it('begin nothing beside a build of one of them that is to be alone', () => {
    const [one, other] = [joinLane(3), joinLane(3)];
    expect(one.enter(false)).toBe(true);
    expect(other.enter(true)).toBe(false);
    // It has waited longer than whatever comes now.
    expect(one.enter(false)).toBe(false);
    one.leave();
    expect(other.enter(true)).toBe(true);
    expect(one.enter(false)).toBe(false);
    other.leave();
    expect([one.enter(false), other.enter(false)]).toEqual([true, true]);
  });

  it('go serial together when the lane of one does', () => {
    const [one, other] = [joinLane(2), joinLane(2)];
    expect(one.enter(false)).toBe(true);
    one.setLimit(1);
    expect(other.enter(false)).toBe(false);
    one.leave();
    expect(other.enter(false)).toBe(true);
  });

  it('do not count one that has left', () => {
    const [one, other] = [joinLane(1), joinLane(1)];
    expect([one.enter(false), other.enter(false)]).toEqual([true, false]);
    one.close();
    expect(other.enter(false)).toBe(true);
  });

  it('do not know those on another engine', () => {
    const [one, other] = [joinLane(1), joinLane(1, [], { ...ENGINE, address: 'unix:///run/other.sock' })];
    expect([one.enter(false), other.enter(false)]).toEqual([true, true]);
  });
});

describe('a run that died', () => {
  const dead = { pid: spawnSync('true').pid ?? 0, started: '1' };

  it('frees its places at once', () => {
    const lane = joinLane(1);
    const entry = { ...dead, id: 'dead', limit: 1, running: 1, seenAt: 0 };
    writeFileSync(join(laneFolder(), 'dead.json'), JSON.stringify(entry));
    expect(lane.enter(false)).toBe(true);
    expect(readdirSync(laneFolder())).not.toContain('dead.json');
  });

  it('is told from a process that has got its pid since', () => {
    const lane = joinLane(1);
    const entry = { pid: process.pid, started: 'long ago', id: 'dead', limit: 1, running: 1, seenAt: 0 };
    writeFileSync(join(laneFolder(), 'dead.json'), JSON.stringify(entry));
    expect(lane.enter(false)).toBe(true);
  });

  it('does not keep the lock that it held', () => {
    const lane = joinLane(1);
    writeFileSync(join(laneFolder(), 'lock'), JSON.stringify(dead));
    expect(lane.enter(false)).toBe(true);
  });
});

it('a lock that is held at this moment is waited for, and broken when nobody moves', () => {
  const lane = joinLane(1);
  const lock = join(laneFolder(), 'lock');
  writeFileSync(lock, '');
  expect(lane.enter(false)).toBe(false);
  const longAgo = Date.now() / 1000 - 60;
  utimesSync(lock, longAgo, longAgo);
  expect(lane.enter(false)).toBe(true);
});

it('files that are none of ours stop nobody', () => {
  const lane = joinLane(1);
  writeFileSync(join(laneFolder(), 'x.json'), '{"pid": "no"}');
  expect(lane.enter(false)).toBe(true);
});

it('a run builds as if it were alone where it cannot have a folder, and says so once', () => {
  const told: string[] = [];
  writeFileSync(join(folder, 'none'), 'a file');
  const lane = joinLane(1, told, ENGINE, join(folder, 'none'));
  expect([lane.enter(false), lane.enter(false)]).toEqual([true, true]);
  lane.setLimit(1);
  expect(told).toHaveLength(1);
});

it("nobody else can read the lane's folder, which is gone with the last run that is in it", () => {
  const [one, other] = [joinLane(2), joinLane(2)];
  one.enter(false);
  const at = laneFolder();
  const entries = readdirSync(at).map((name) => JSON.parse(readFileSync(join(at, name), 'utf8')));
  expect(entries.map(({ running }) => running).sort()).toEqual([0, 1]);
  expect(statSync(join(at, '..')).mode & 0o777).toBe(0o700);
  one.close();
  expect(readdirSync(at)).toHaveLength(1);
  // Another engine's lane is in the same folder.
  const third = joinLane(1, [], { ...ENGINE, name: 'docker' });
  other.close();
  expect(existsSync(at)).toBe(false);
  third.close();
  expect(readdirSync(folder)).toEqual([]);
});

it('a run that has had trouble takes its entry away too', () => {
  const told: string[] = [];
  const lane = joinLane(1, told);
  const lock = join(laneFolder(), 'lock');
  mkdirSync(lock);
  const longAgo = Date.now() / 1000 - 60;
  utimesSync(lock, longAgo, longAgo);
  expect(lane.enter(false)).toBe(true);
  expect(told).toHaveLength(1);
  lane.close();
  expect(readdirSync(laneFolder())).toEqual(['lock']);
});

it('a run that joins is not lost to one that leaves and removes the folder in that moment', async () => {
  const library = join(folder, 'shared-lane.mjs');
  const args = ['src/host/shared-lane.ts', '--bundle', '--platform=node', '--format=esm', `--outfile=${library}`];
  spawnSync('node_modules/.bin/esbuild', args);
  const root = join(folder, 'root');
  const script = `
    const { joinSharedLane } = await import(${JSON.stringify(library)});
    const on = { root: ${JSON.stringify(root)}, engine: { name: 'podman' }, address: '', limit: 1000, now: Date.now };
    for (let turn = 0; turn < 500; turn += 1) {
      const lane = joinSharedLane({ ...on, onRoom() {}, onWaited() {}, onTrouble: (why) => console.log(why) });
      lane.setLimit(999);
      lane.close();
    }`;
  const processes = [1, 2, 3].map(() => spawn(process.execPath, ['--input-type=module', '--eval', script]));
  const said = await Promise.all(
    processes.map(async ({ stdout, stderr }) => (await Promise.all([text(stdout), text(stderr)])).join('')),
  );
  expect(said).toEqual(['', '', '']);
  expect(readdirSync(root)).toEqual([]);
});

describe('what dead runs left', () => {
  const dead = { pid: spawnSync('true').pid ?? 0, started: '1' };

  it('is removed after a kill, with the folders in which nobody is', () => {
    joinLane(1);
    const at = laneFolder();
    rmSync(at, { recursive: true });
    mkdirSync(at);
    for (const name of ['dead.json', 'lock', 'dead.part']) writeFileSync(join(at, name), JSON.stringify(dead));
    removeDeadRuns(folder);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('goes, and what a run that lives has stays', () => {
    joinLane(1);
    const at = laneFolder();
    const before = readdirSync(at);
    writeFileSync(join(at, 'dead.json'), JSON.stringify(dead));
    // What is none of ours is no lane.
    writeFileSync(join(at, '..', '0'), '');
    // A run that joins at this moment has written half of its entry.
    writeFileSync(join(at, 'new.part'), '{"pi');
    removeDeadRuns(folder);
    expect(readdirSync(at).sort()).toEqual([...before, 'new.part'].sort());
  });

  it('is not looked for where there is nothing, or where the folder is a link to another', () => {
    removeDeadRuns(folder);
    joinLane(1);
    const lanes = join(laneFolder(), '..');
    const elsewhere = join(folder, 'elsewhere');
    mkdirSync(join(elsewhere, 'lane'), { recursive: true });
    writeFileSync(join(elsewhere, 'lane', 'dead.json'), JSON.stringify(dead));
    rmSync(lanes, { recursive: true });
    symlinkSync(elsewhere, lanes);
    removeDeadRuns(folder);
    expect(readdirSync(join(elsewhere, 'lane'))).toEqual(['dead.json']);
  });
});
