import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { JournalEvent } from '../../src/journal/events.js';
import { runBundle } from '../support/bundle-run.js';
import { type Lab, mostAttempts, openLab } from '../support/lab.js';
import { buildProcesses } from '../support/process-table.js';
import { steps, writeImage } from '../support/workload.js';

let lab: Lab;
let folder: string;
beforeEach(async () => {
  lab = await openLab();
  folder = mkdtempSync(join(tmpdir(), 'e2e-learn-'));
});
afterEach(async () => {
  await lab.close();
  rmSync(folder, { recursive: true, force: true });
});

const image = (name: string, seconds: number[], more: object = {}) => ({
  ...writeImage(lab.workspace, name, steps(name, seconds)),
  ...more,
});
/** What a run keeps for the next one goes here, and nothing is kept of any other run. */
const remembering = () => ({ XDG_CACHE_HOME: join(folder, 'cache') });
const started = (events: JournalEvent[]) =>
  events.flatMap((event) => (event.type === 'attempt-started' ? [event.image] : []));

/** Kills the server whenever what runs is too much for it; a moment later it is back. */
function diesWhen(tooMuch: (clients: number) => boolean): void {
  let down = false;
  lab.watch((clients) => {
    if (down || !tooMuch(clients)) return;
    down = true;
    setTimeout(() => lab.kill(500), 500);
    setTimeout(() => {
      down = false;
    }, 2_500);
  });
}
const isBuilding = (name: string) =>
  buildProcesses((words) => words.includes(lab.server.url) && words.includes(`localhost/${name}:e2e`)).length > 0;

/** Expects that no other attempt ran while one of this image did. */
function expectAlone(events: JournalEvent[], name: string): void {
  const running = new Set<string>();
  for (const event of events) {
    if (event.type === 'attempt-started') running.add(event.image);
    if (event.type === 'attempt-ended') running.delete(event.image);
    if (running.has(name)) expect([...running]).toEqual([name]);
  }
}

describe('a run learns from the ones before', () => {
  it('on a server that dies whenever two build: the next run has no crash, and needs no word of ours', async () => {
    const images = ['a', 'b', 'c'].map((name) => image(name, [1, 1]));
    diesWhen((clients) => clients > 1);
    const inputs = { 'no-cache': 'true', 'max-parallel': '3' };
    const first = await lab.run(images, inputs, undefined, remembering());
    expect(first.outputs).toMatchObject({ result: 'success', mode: 'serial' });
    expect(Number(first.outputs['incidents'])).toBeGreaterThanOrEqual(2);
    const second = await lab.run(images, inputs, undefined, remembering());
    expect(second.outputs).toMatchObject({ result: 'success', incidents: '0', retries: '0' });
    expect(second.log).toMatch(
      /"[abc]" builds alone: it was in flight at \d incidents \(exclusive: false forbids it\)/,
    );
    expect(mostAttempts(second.events)).toBe(1);
    expect(second.events[0]).toMatchObject({ lane: 2, laneWhy: expect.stringContaining('ended 1 at a time') });
    // With learn: false it is as if nothing were known.
    const third = await lab.run(images, { ...inputs, learn: 'false' }, undefined, remembering());
    expect(Number(third.outputs['incidents'])).toBeGreaterThan(0);
  });

  it('light ones in parallel, the heavy one alone, no configuration', async () => {
    // The heavy one dies first beside a. While both wait for their retries, c begins, beside which it dies again.
    const light = Object.entries({ a: [1], b: [0.3], c: [6], d: [1], e: [1] });
    const images = [image('heavy', [1, 1, 1]), ...light.map(([name, seconds]) => image(name, seconds))];
    diesWhen((clients) => clients > 1 && isBuilding('heavy'));
    const inputs = { 'no-cache': 'true', 'retry-min-timeout': '3s', 'retry-max-timeout': '3s' };
    const first = await lab.run(images, inputs, undefined, remembering());
    expect(first.outputs).toMatchObject({ result: 'success', incidents: '2' });
    const second = await lab.run(images, inputs, undefined, remembering());
    expect(second.outputs).toMatchObject({ result: 'success', incidents: '0', retries: '0' });
    expect(second.log.match(/"\w+" builds alone: .*/g)).toEqual([
      '"heavy" builds alone: it was in flight at 2 incidents (exclusive: false forbids it)',
    ]);
    expectAlone(second.events, 'heavy');
    expect(mostAttempts(second.events)).toBeGreaterThanOrEqual(2);
  });

  it('begins one step above the lane that bore it, and after three clean runs tries one more', async () => {
    const images = ['a', 'b', 'c', 'd'].map((name) => image(name, [0.7], { exclusive: false }));
    let deadly = true;
    diesWhen((clients) => deadly && clients > 1);
    const inputs = { 'no-cache': 'true', 'max-parallel': '3' };
    const first = await lab.run(images, inputs, undefined, remembering());
    expect(first.outputs).toMatchObject({ result: 'success', mode: 'serial' });
    deadly = false;
    const begins: unknown[] = [];
    for (let run = 2; run <= 5; run += 1) {
      const { events, outputs } = await lab.run(images, inputs, undefined, remembering());
      expect(outputs).toMatchObject({ result: 'success', incidents: '0' });
      begins.push(events.flatMap((event) => (event.type === 'run-started' ? [event.lane] : []))[0]);
      expect(mostAttempts(events)).toBe(begins.at(-1));
    }
    expect(begins).toEqual([2, 2, 2, 3]);
  });

  it('begins with the longest, and with what a chain waits for', async () => {
    const images = [image('short', [0.2]), image('long', [2.5]), image('base', [0.3]), image('middle', [1.5])];
    const app = image('app', [2], { needs: ['base'] });
    const inputs = { 'no-cache': 'true' };
    await lab.run([...images, app], inputs, undefined, remembering());
    const { events, outputs } = await lab.run([...images, app], inputs, undefined, remembering());
    expect(outputs).toMatchObject({ result: 'success' });
    // The chain of base and app is as long as the longest image.
    expect(started(events).slice(0, 2).sort()).toEqual(['base', 'long']);
    expect(started(events).at(-1)).toBe('short');
  });
});

describe('images that need more memory together than the machine has', () => {
  it('build one at a time, and others beside them', async () => {
    const memory = `${Math.floor((0.6 * totalmem()) / 2 ** 20)}MiB`;
    const images = [image('a', [2], { memory }), image('b', [2], { memory }), image('c', [2])];
    const { events, outputs } = await lab.run(images, { 'max-parallel': '3', 'no-cache': 'true' });
    expect(outputs).toMatchObject({ result: 'success' });
    const running = new Set<string>();
    for (const event of events) {
      if (event.type === 'attempt-started') running.add(event.image);
      if (event.type === 'attempt-ended') running.delete(event.image);
      expect(running.has('a') && running.has('b')).toBe(false);
    }
    expect(mostAttempts(events)).toBe(2);
  });
});

describe('an exclusive image', () => {
  it('builds alone, and the others side by side', async () => {
    const images = [image('a', [1]), image('b', [1]), image('heavy', [1], { exclusive: true }), image('c', [1])];
    const { events, outputs } = await lab.run(images, { 'max-parallel': '3', 'no-cache': 'true' });
    expect(outputs).toMatchObject({ result: 'success' });
    expect(mostAttempts(events)).toBe(3);
    expectAlone(events, 'heavy');
  });
});

describe('max-parallel: auto', () => {
  it('says in one line what it is, and builds', async () => {
    const run = await lab.run([image('a', [0.2]), image('b', [0.2])], { 'max-parallel': 'auto' });
    expect(run.outputs).toMatchObject({ result: 'success' });
    expect(run.log).toMatch(/lane: at most \d+ at a time.*\(max-parallel: auto, \d+ CPUs for \d+, .* of memory for/);
  });
});

describe('runs on the same engine', () => {
  const runBeside = (images: object[], inputs: Record<string, string> = {}, kill?: AbortSignal) => {
    const temp = mkdtempSync(join(folder, 'temp-'));
    const engine = {
      env: { ...lab.server.env, XDG_CACHE_HOME: join(folder, 'no-cache') },
      inputs: { engine: 'podman', 'engine-url': lab.server.url, 'extra-args': '--network=none', 'no-cache': 'true' },
    };
    mkdirSync(temp, { recursive: true });
    return runBundle(engine, { workspace: lab.workspace, temp }, images, inputs, undefined, kill);
  };
  const suite = (name: string) => [1, 2, 3].map((number) => image(`${name}${number}`, [1.5]));

  it('share one lane, and say how long they waited for each other', async () => {
    const [one, other] = await Promise.all([runBeside(suite('x')), runBeside(suite('y'))]);
    expect([one.outputs['result'], other.outputs['result']]).toEqual(['success', 'success']);
    expect(lab.mostClients()).toBe(2);
    const waits = [...one.events, ...other.events].filter(({ type }) => type === 'waited-for-runs');
    expect(waits.length).toBeGreaterThan(0);
    expect(one.log + other.log).toMatch(/waited [\d.]+m?s for 1 other run on the same engine/);
    expect(one.summary + other.summary).toMatch(/waits [\d.]+m?s for 1 other run/);
  });

  it('build nothing beside an exclusive image of one of them', async () => {
    const heavy = [image('heavy', [1], { exclusive: true })];
    // Places become free one after the other.
    const staggered = [0.5, 2, 3.5, 3.5].map((seconds, index) => image(`x${index}`, [seconds]));
    const lane = { 'max-parallel': '3' };
    const [one, other] = await Promise.all([runBeside(staggered, lane), runBeside(heavy, lane)]);
    expect([one.outputs['result'], other.outputs['result']]).toEqual(['success', 'success']);
    expectAlone(
      [...one.events, ...other.events].sort((a, b) => a.at - b.at),
      'heavy',
    );
  });

  it('come through the death of their server, each with its own images', async () => {
    let killed = false;
    lab.watch((clients) => {
      if (killed || clients < 2) return;
      killed = true;
      setTimeout(() => lab.kill(500), 700);
    });
    const runs = await Promise.all([runBeside(suite('x')), runBeside(suite('y'))]);
    for (const { outputs, images: built, events } of runs) {
      expect(outputs).toMatchObject({ result: 'success' });
      expect(Object.keys(built)).toHaveLength(3);
      // None of what the other one works in was ours to remove.
      expect(events.filter(({ type }) => type === 'attempt-ended')).toHaveLength(3 + Number(outputs['retries']));
    }
    const retries = runs.map(({ outputs }) => Number(outputs['retries'])).reduce((sum, each) => sum + each, 0);
    expect(retries).toBeGreaterThan(0);
    expect(retries).toBeLessThanOrEqual(2);
    expect(lab.mostClients()).toBe(2);
  });

  it('do not with shared-lane: false', async () => {
    const alone = { 'shared-lane': 'false' };
    await Promise.all([runBeside(suite('x'), alone), runBeside(suite('y'), alone)]);
    expect(lab.mostClients()).toBeGreaterThan(2);
  });

  it('do not wait for one that was killed', async () => {
    const kill = new AbortController();
    const killed = runBeside([image('endless', [60, 60])], { 'max-parallel': '1' }, kill.signal);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    const other = runBeside([image('next', [0.5])], { 'max-parallel': '1' });
    setTimeout(() => kill.abort(), 2_000);
    const { outputs, events } = await other;
    expect(outputs).toMatchObject({ result: 'success' });
    const wait = events.find((event) => event.type === 'waited-for-runs');
    expect(wait).toMatchObject({ runs: 1 });
    await killed;
  });
});
