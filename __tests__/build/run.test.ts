import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { makeByBuild } from '../../src/build/making.js';
import { buildImages, type RunEffects } from '../../src/build/run.js';
import type { RunSettings } from '../../src/build/settings.js';
import type { Answer } from '../../src/engine/engine.js';
import { podmanFromApi } from '../../src/engine/podman.js';
import { type History, NO_HISTORY } from '../../src/history/history.js';
import { createArchiveFiles } from '../../src/host/archive-files.js';
import type { JournalEvent } from '../../src/journal/events.js';
import { NO_CLEAN_UP } from '../../src/recover/clean-up.js';
import { imageSpec } from '../support/image-spec-factory.js';

const ID = `sha256:${'ab'.repeat(32)}`;
const OK: Answer = { code: 0, stdout: JSON.stringify({ Id: ID, Size: 1 }), stderr: '' };
const CRASH = { code: 125, stdout: '', stderr: 'Error: server probably quit: unexpected EOF\n', tail: '' };
const FAILED = {
  code: 1,
  stdout: '',
  stderr: 'Error: building at STEP "RUN x": while running runtime: exit status 1\n',
  tail: '',
};
const BUILT = { code: 0, stdout: '', stderr: '', tail: '' };

type Fate = 'built' | 'failed' | 'crash';

/** An engine whose attempts end as scripted, each image's fates in turn (then built), on a clock that never waits. */
function lab(fates: Record<string, Fate[]>, alive: () => boolean = () => true) {
  const engine = podmanFromApi(
    { engine: 'auto' },
    { socketPath: '/s' },
    { ...OK, server: 'Libpod/4.3.1 (linux)' },
    'asked',
  );
  if (typeof engine === 'string') throw new Error(engine);
  const events: JournalEvent[] = [];
  const state = { at: 0, running: 0, most: 0, built: 0, mostBefore: 0 };
  const begun: string[] = [];
  const cancel = new AbortController();
  const effects: RunEffects = {
    engine,
    making: makeByBuild(engine),
    history: { now: () => NO_HISTORY },
    instructionsOf: () => undefined,
    start: (_image, command) => {
      state.running += 1;
      state.most = Math.max(state.most, state.running);
      if (state.built === 0) state.mostBefore = Math.max(state.mostBefore, state.running);
      const image = command.args.at(-1) ?? '';
      begun.push(image);
      const fate = fates[image]?.shift() ?? 'built';
      const ended = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
        state.running -= 1;
        state.at += 10;
        if (fate === 'built') state.built += 1;
        return { built: BUILT, failed: FAILED, crash: CRASH }[fate];
      });
      return { pid: 1, lastOutputAt: () => state.at, ended, kill: () => {} };
    },
    ask: async () => OK,
    ping: async () => ({ alive: alive(), said: alive() ? '' : 'connection refused' }),
    files: (image, attempt) => ({ iidfile: `${image.name}.${attempt}`, figures: 'figures', log: 'log' }),
    takeId: () => ID,
    vitals: () => ({}),
    servingSince: () => undefined,
    track: () => {},
    untrack: () => ({}),
    now: () => state.at,
    timer: () => () => {},
    sleep: async (ms) => {
      state.at += ms;
      await new Promise((resolve) => setImmediate(resolve));
    },
    openStream: undefined,
    act: async () => {},
    cleanUp: NO_CLEAN_UP,
    startCommand: () => {
      throw new Error('nothing is handed over');
    },
    handOffs: [],
    handOffLog: () => 'log',
    temporaryFile: (name) => ({ path: name, remove: () => {} }),
    spaceFor: () => [],
    archives: createArchiveFiles('/ws', 'test'),
    measureContext: async () => undefined,
    askPatiently: async () => OK,
    readTrace: async () => ({ unnamed: 0, layers: [], cached: [], containers: [], lastStep: '' }),
    record: (event) => events.push(event),
    signal: cancel.signal,
  };
  return { effects, events, state, begun, cancel };
}

const SETTINGS: RunSettings = {
  maxParallel: 2,
  sharedLane: false,
  serialAfter: 2,
  recovery: 'wait',
  recoveryTimeoutMs: 60_000,
  stallTimeoutMs: 120_000,
  failFast: false,
  cleanup: true,
  prune: false,
  retry: { retries: 3, minTimeoutMs: 0, maxTimeoutMs: 0, factor: 1, retryOn: ['engine-crash'] },
  handOffs: { push: false, load: [] },
};
const images = (names: string[]) => names.map((name) => imageSpec({ name, context: name }));
const ended = (events: JournalEvent[]) =>
  Object.fromEntries(events.flatMap((event) => (event.type === 'image-ended' ? [[event.image, event]] : [])));

describe('a run', () => {
  it('tries a crashed image again and a failed one not, and fails for that one only', async () => {
    const { effects, events } = lab({ a: ['crash'], b: ['failed'] });
    expect(await buildImages(images(['a', 'b', 'c']), SETTINGS, effects)).toMatchObject({ result: 'failure' });
    expect(ended(events)).toMatchObject({
      a: { result: 'success', attempts: 2 },
      b: { result: 'failure', attempts: 1, verdict: { class: 'build-failed' } },
      c: { result: 'success', attempts: 1 },
    });
  });

  it('is narrowed by what earlier runs taught when that comes after builds have begun', async () => {
    const run = {
      id: 'one',
      at: 1,
      engine: 'podman/podman-remote',
      durationMs: 1,
      mode: 'serial',
      result: 'success',
    } as const;
    const crashed = { ...NO_HISTORY, runs: [{ ...run, startLane: 4, endLane: 1, incidents: 2 }] };
    const late = (history: History) => {
      let came = false;
      const arrival = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
        came = true;
      });
      return { now: () => (came ? history : NO_HISTORY), arrival };
    };
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const { effects, events } = lab({});
    await buildImages(images(names), { ...SETTINGS, maxParallel: 4 }, { ...effects, history: late(crashed) });
    const why = expect.stringContaining('2 incidents and ended 1 at a time');
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'lane-changed', from: 4, lane: 2, learnt: true, why }),
    );
    const other = lab({});
    await buildImages(images(names), { ...SETTINGS, maxParallel: 4 }, { ...other.effects, history: late(NO_HISTORY) });
    expect(other.events.filter(({ type }) => type === 'lane-changed')).toEqual([]);
  });

  it('starts nothing more after the first failure when it is to fail fast', async () => {
    const { effects, events } = lab({ a: ['failed'] });
    const settings = { ...SETTINGS, maxParallel: 1, failFast: true };
    expect(await buildImages(images(['a', 'b']), settings, effects)).toMatchObject({ result: 'failure' });
    expect(ended(events)['b']).toMatchObject({
      result: 'cancelled',
      attempts: 0,
      verdict: { class: 'cancelled', evidence: ['fail-fast: "a" failed'] },
    });
  });

  it('does once what is left for all images, also when some failed, and fails when that cannot be done', async () => {
    const { effects, events } = lab({ a: ['failed'] });
    let asked = 0;
    const finish = async () => {
      asked += 1;
      return 'the archives are not complete';
    };
    const handOffs = [{ to: 'archive', attempt: async () => ({ said: 'written' }), finish }];
    expect(await buildImages(images(['b']), SETTINGS, { ...effects, handOffs })).toMatchObject({ result: 'failure' });
    expect(events).toContainEqual({ type: 'warning', at: 10, message: 'the archives are not complete' });
    expect(ended(events)).toMatchObject({ b: { result: 'success' } });
    await buildImages(images(['a']), SETTINGS, { ...effects, handOffs });
    expect(asked).toBe(2);
  });

  it('tries an image once whose command cannot be had, and one that turns out to be another', async () => {
    const { effects, events } = lab({});
    const making: RunEffects['making'] = {
      prepare: async ({ name }) =>
        name === 'a' ? { class: 'usage-error', evidence: ['a.tar: it is cut'] } : { file: 'podman', args: [], env: {} },
      made: async () => ({ instead: 'the engine has another image as b:e2e' }),
    };
    await buildImages(images(['a', 'b']), SETTINGS, { ...effects, making });
    expect(ended(events)).toMatchObject({
      a: { attempts: 1, verdict: { class: 'usage-error', evidence: ['a.tar: it is cut'] } },
      b: { attempts: 1, verdict: { class: 'build-failed', evidence: ['the engine has another image as b:e2e'] } },
    });
    const end = events.find((event) => event.type === 'attempt-ended' && event.image === 'a');
    expect(end).toMatchObject({ ending: { kind: 'not-spawned', reason: 'a.tar: it is cut' } });
  });

  it('gives every image its end when the engine does not come back', async () => {
    const { effects, events } = lab({ a: ['crash'], b: ['crash'] }, () => false);
    expect(await buildImages(images(['a', 'b', 'c']), SETTINGS, effects)).toMatchObject({ result: 'failure' });
    expect(ended(events)).toMatchObject({
      a: { attempts: 1, verdict: { class: 'engine-crash' } },
      c: { attempts: 0, verdict: { class: 'engine-crash' } },
    });
    expect(events.filter((event) => event.type === 'incident-opened')).toHaveLength(1);
  });

  it('ends every image exactly once, within its budgets and the lane, whatever crashes and fails', async () => {
    const fate = fc.constantFrom<Fate>('built', 'failed', 'crash', 'crash');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fate, { maxLength: 6 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 3 }),
        async (fates, maxParallel, serialAfter) => {
          const names = fates.map((_, index) => `i${index}`);
          const { effects, events, state } = lab(
            Object.fromEntries(fates.map((list, index) => [`i${index}`, [...list]])),
          );
          await buildImages(images(names), { ...SETTINGS, maxParallel, serialAfter }, effects);
          const ends = events.filter((event) => event.type === 'image-ended');
          expect(ends.map((event) => event.image).sort()).toEqual([...names].sort());
          expect(state.most).toBeLessThanOrEqual(serialAfter === 0 ? 1 : maxParallel);
          for (const [index, list] of fates.entries()) {
            const first = list.findIndex((one) => one !== 'crash');
            const needed = first === -1 ? list.length + 1 : first + 1;
            expect(ends.find((event) => event.image === `i${index}`)?.attempts).toBe(Math.min(4, needed));
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('the memory of the machine that builds', () => {
  const GIB = 2 ** 30;
  const needing = (gibibytes: number) =>
    ['a', 'b', 'c'].map((name) => imageSpec({ name, context: name, memoryBytes: gibibytes * GIB }));

  it.each([
    ['builds that fit into it side by side are', 3, 2],
    ['builds that do not are in flight one after the other, in the same lane of two', 5, 1],
    ['builds that are too large for it by far are all the same, one after the other', 50, 1],
  ])('%s', async (_, gibibytes, most) => {
    const { effects, events, state } = lab({ a: ['crash'] });
    const vitals = () => ({ memoryBytes: 8 * GIB });
    const settings = { ...SETTINGS, maxParallel: 2, serialAfter: 9 };
    expect(await buildImages(needing(gibibytes), settings, { ...effects, vitals })).toMatchObject({
      result: 'success',
    });
    expect(ended(events)).toMatchObject({ a: { attempts: 2 }, b: { attempts: 1 }, c: { attempts: 1 } });
    expect(state.most).toBe(most);
  });
});

describe('images that begin with the same steps', () => {
  it('do not do them side by side, from the very first attempts on', async () => {
    const { effects, state } = lab({ a: ['crash'] });
    const steps = ['FROM scratch', 'RUN x'].map((key) => ({ key, works: key.startsWith('RUN') }));
    const leading = new Map(['a', 'b', 'c'].map((name) => [name, { stage: 1, steps }]));
    const shared: Pick<RunEffects, 'leadingSteps' | 'copied'> = {
      leadingSteps: async () => leading,
      copied: { place: ({ name }) => name, outline: async () => undefined, hash: async () => undefined },
    };
    const run = await buildImages(images(['a', 'b', 'c']), { ...SETTINGS, maxParallel: 3 }, { ...effects, ...shared });
    expect(run).toMatchObject({ result: 'success' });
    // The first makes the steps' layers; once they are there the others may build side by side.
    expect(state.mostBefore).toBe(1);
  });
});

describe('images that need each other', () => {
  const chain = (needs: Record<string, string[]>) =>
    Object.entries(needs).map(([name, of]) => imageSpec({ name, context: name, needs: of }));

  it('are built after what they need, through crashes, in a lane of one', async () => {
    const { effects, events, begun } = lab({ base: ['crash'], mid: ['crash'] });
    const set = chain({ api: ['mid', 'base'], mid: ['base'], base: [] });
    expect(await buildImages(set, { ...SETTINGS, maxParallel: 1 }, effects)).toMatchObject({ result: 'success' });
    expect(begun).toEqual(['base', 'base', 'mid', 'mid', 'api']);
    expect(ended(events)).toMatchObject({ base: { attempts: 2 }, mid: { attempts: 2 }, api: { attempts: 1 } });
  });

  it('are skipped without an attempt when it failed, each with the reason, and nothing else is', async () => {
    const { effects, events, begun } = lab({ base: ['failed'] });
    const set = chain({ base: [], mid: ['base'], api: ['mid'], other: [] });
    expect(await buildImages(set, SETTINGS, effects)).toMatchObject({ result: 'failure' });
    expect(begun.sort()).toEqual(['base', 'other']);
    expect(ended(events)).toMatchObject({
      base: { result: 'failure' },
      mid: { result: 'skipped', attempts: 0, skipped: 'needs "base", which was not built (build-failed)' },
      api: { result: 'skipped', attempts: 0, skipped: 'needs "mid", which was not built (skipped)' },
      other: { result: 'success' },
    });
    expect(ended(events)['mid']).not.toHaveProperty('verdict');
  });

  it('are skipped as soon as one of what they need failed, whatever becomes of the rest', async () => {
    const { effects, events } = lab({ bad: ['failed'], slow: ['crash', 'crash'] });
    await buildImages(chain({ slow: [], bad: [], api: ['slow', 'bad'] }), SETTINGS, effects);
    const ends = events.flatMap((event) => (event.type === 'image-ended' ? [event.image] : []));
    expect(ends.indexOf('api')).toBeLessThan(ends.indexOf('slow'));
  });

  it('are skipped, and the others cancelled, when the first failure ends the run', async () => {
    const { effects, events } = lab({ base: ['failed'] });
    const settings = { ...SETTINGS, maxParallel: 1, failFast: true };
    await buildImages(chain({ base: [], api: ['base'], other: [], late: ['other'] }), settings, effects);
    expect(ended(events)).toMatchObject({
      api: { result: 'skipped' },
      other: { result: 'cancelled', verdict: { evidence: ['fail-fast: "base" failed'] } },
      late: { result: 'skipped', skipped: 'needs "other", which was not built (cancelled)' },
    });
  });

  it('are cancelled, and not skipped, in a run that is', async () => {
    const { effects, events, cancel } = lab({ base: ['crash', 'crash', 'crash'] });
    const began = effects.start;
    effects.start = (...of) => {
      cancel.abort('SIGINT');
      return began(...of);
    };
    expect(await buildImages(chain({ base: [], api: ['base'] }), SETTINGS, effects)).toMatchObject({
      result: 'cancelled',
    });
    expect(ended(events)).toMatchObject({
      base: { result: 'cancelled' },
      api: { result: 'cancelled', attempts: 0, verdict: { evidence: ['the run was cancelled (SIGINT)'] } },
    });
  });

  it('go on when it was built and could not be handed over', async () => {
    const { effects, events } = lab({});
    effects.handOffs = [
      {
        to: 'archive',
        attempt: async (image) => (image.name === 'base' ? { failed: 'no room' } : { said: 'written' }),
      },
    ];
    expect(await buildImages(chain({ api: ['base'], base: [] }), SETTINGS, effects)).toMatchObject({
      result: 'failure',
    });
    expect(ended(events)).toMatchObject({ base: { result: 'failure' }, api: { result: 'success' } });
  });

  it('end exactly once, none before what it needs is built, and those of failed ones are skipped', async () => {
    const fate = fc.constantFrom<Fate>('built', 'built', 'failed', 'crash');
    // Each may need any of those before it, so that there is no circle; the list is in another order.
    const node = fc.record({ fates: fc.array(fate, { maxLength: 4 }), needs: fc.array(fc.nat(), { maxLength: 3 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(node, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        fc.infiniteStream(fc.nat()),
        async (nodes, maxParallel, failFast, chance) => {
          const graph = Object.fromEntries(
            nodes.map(({ needs }, index) => [
              `i${index}`,
              index === 0 ? [] : [...new Set(needs.map((need) => `i${need % index}`))],
            ]),
          );
          const set = chain(graph)
            .map((image) => ({ image, at: chance.next().value as number }))
            .sort((a, b) => a.at - b.at)
            .map(({ image }) => image);
          const { effects, events } = lab(
            Object.fromEntries(nodes.map(({ fates }, index) => [`i${index}`, [...fates]])),
          );
          await buildImages(set, { ...SETTINGS, maxParallel, failFast }, effects);

          const ends = events.filter((event) => event.type === 'image-ended');
          expect(ends.map(({ image }) => image).sort()).toEqual(Object.keys(graph).sort());
          const results = new Map(ends.map((end) => [end.image, end]));
          for (const [position, event] of events.entries()) {
            if (event.type !== 'attempt-started') continue;
            for (const need of graph[event.image] ?? []) {
              const built = events.findIndex(
                (other) => other.type === 'attempt-ended' && other.image === need && other.built !== undefined,
              );
              expect(built).toBeGreaterThanOrEqual(0);
              expect(built).toBeLessThan(position);
            }
          }
          for (const [name, needs] of Object.entries(graph)) {
            const isLacking = needs.some((need) => results.get(need)?.result !== 'success');
            expect([name, results.get(name)?.result === 'skipped']).toEqual([name, isLacking]);
            if (isLacking) expect(results.get(name)).toMatchObject({ attempts: 0, skipped: expect.any(String) });
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
