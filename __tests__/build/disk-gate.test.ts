import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { makeByBuild } from '../../src/build/making.js';
import { buildImages, type RunEffects } from '../../src/build/run.js';
import type { RunSettings } from '../../src/build/settings.js';
import type { Answer, Question } from '../../src/engine/engine.js';
import { podmanFromApi } from '../../src/engine/podman.js';
import type { HandOff } from '../../src/handoff/hand-off.js';
import { engineKey, NO_HISTORY } from '../../src/history/history.js';
import { createArchiveFiles } from '../../src/host/archive-files.js';
import type { JournalEvent } from '../../src/journal/events.js';
import { NO_CLEAN_UP } from '../../src/recover/clean-up.js';
import { imageSpec } from '../support/image-spec-factory.js';

const OK: Answer = { code: 0, stdout: '', stderr: '' };
const CRASH = 'Error: server probably quit: unexpected EOF\n';
const MIB = 2 ** 20;
const NO_TRACE = { unnamed: 0, layers: [], cached: [], containers: [], lastStep: '' };

interface Disk {
  freeMib: number;
  /** By name, in MiB; each image's file takes that much when it is built, and gives it back when it is removed. */
  sizes: Record<string, number>;
  crashes?: Record<string, number>;
  /** Whether the engine works on this machine; not known at first when absent. */
  engineIsHere?: boolean;
}

/** An engine on a disk of its own; time passes only in timers and sleeps. */
function lab({ freeMib, sizes, crashes = {}, engineIsHere }: Disk) {
  const engine = podmanFromApi(
    { engine: 'auto' },
    { socketPath: '/s' },
    { ...OK, server: 'Libpod/4.3.1 (linux)' },
    'asked',
  );
  if (typeof engine === 'string') throw new Error(engine);
  const events: JournalEvent[] = [];
  const state = { at: 0, free: freeMib * MIB, here: engineIsHere, leastAtStart: Number.POSITIVE_INFINITY };
  const there = new Map<string, string>();
  const idOf = (name: string) => `sha256:${Buffer.from(name).toString('hex').padEnd(64, '0')}`;
  const soon = () => new Promise<void>((resolve) => setImmediate(resolve));
  const ask = async (question: Question): Promise<Answer> => {
    if (!('path' in question)) return OK;
    const name = decodeURIComponent(question.path.split('/')[2] ?? '');
    const id = there.get(name) ?? [...there.values()].find((one) => one === name);
    return id === undefined ? { ...OK, code: 404 } : { ...OK, stdout: JSON.stringify({ Id: id }) };
  };
  const effects: RunEffects = {
    engine,
    making: makeByBuild(engine),
    history: { now: () => NO_HISTORY },
    instructionsOf: () => undefined,
    spaceFor: () => [],
    archives: createArchiveFiles('/ws', 'test'),
    start: (image) => {
      state.leastAtStart = Math.min(state.leastAtStart, state.free);
      const ended = soon().then(() => {
        const crash = (crashes[image.name] ?? 0) > 0;
        if (crash) crashes[image.name] = (crashes[image.name] ?? 0) - 1;
        else {
          state.free -= (sizes[image.name] ?? 0) * MIB;
          there.set(image.tags[0] as string, idOf(image.name));
        }
        return { code: crash ? 125 : 0, stdout: '', stderr: crash ? CRASH : '', tail: '' };
      });
      return { pid: 1, lastOutputAt: () => state.at, ended, kill: () => {} };
    },
    ask,
    askPatiently: async ({ args }) => {
      await soon();
      for (const tag of args.filter((arg) => there.delete(arg)))
        state.free += (sizes[tag.replace(':e2e', '')] ?? 0) * MIB;
      return OK;
    },
    readTrace: async () => NO_TRACE,
    ping: async () => ({ alive: true, said: '' }),
    files: (image, attempt) => ({ iidfile: `${image.name}.${attempt}`, figures: '', log: 'log' }),
    takeId: (file) => idOf(file.split('.')[0] ?? ''),
    vitals: () =>
      state.here === undefined
        ? {}
        : { engineIsHere: state.here, ...(state.here ? { diskFreeBytes: state.free } : {}) },
    servingSince: () => undefined,
    track: () => {},
    untrack: () => ({}),
    now: () => state.at,
    // Attempts take no time, so that only the short waits of the gate ever come to their end.
    timer: (ms, callback) => {
      if (ms > 1_000) return () => {};
      const immediate = setImmediate(() => {
        state.at += ms;
        callback();
      });
      return () => clearImmediate(immediate);
    },
    sleep: async (ms) => {
      state.at += ms;
      await soon();
    },
    openStream: undefined,
    act: async () => {},
    cleanUp: NO_CLEAN_UP,
    startCommand: () => {
      throw new Error('the hand-off runs no command');
    },
    handOffs: [],
    handOffLog: () => 'log',
    temporaryFile: (name) => ({ path: name, remove: () => {} }),
    measureContext: async () => undefined,
    record: (event) => {
      events.push(event);
    },
    signal: new AbortController().signal,
  };
  return { effects, events, state, soon };
}

const SETTINGS: RunSettings = {
  maxParallel: 2,
  sharedLane: false,
  serialAfter: 3,
  recovery: 'wait',
  recoveryTimeoutMs: 60_000,
  stallTimeoutMs: 120_000,
  failFast: false,
  cleanup: true,
  prune: false,
  handOffs: { push: false, load: [] },
  retry: { retries: 3, minTimeoutMs: 0, maxTimeoutMs: 0, factor: 1, retryOn: ['engine-crash'] },
};
const images = (names: string[]) => names.map((name) => imageSpec({ name, tags: [`${name}:e2e`] }));
const ends = (events: JournalEvent[]) => events.flatMap((event) => (event.type === 'image-ended' ? [event] : []));
const warnings = (events: JournalEvent[]) =>
  events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));

describe('the disk gate of a run', () => {
  it('fails each image with the figures when nothing runs that could free any', async () => {
    const { effects, events } = lab({ freeMib: 812, sizes: {}, engineIsHere: true });
    await buildImages(images(['a', 'b']), { ...SETTINGS, minFreeDiskBytes: 2048 * MIB }, effects);
    expect(ends(events)).toMatchObject([
      {
        attempts: 0,
        result: 'failure',
        verdict: {
          class: 'resources-exhausted',
          evidence: [
            'free where images are stored: 812 MiB, below min-free-disk of 2048 MiB; nothing else runs that could free any',
            'its build was not begun: free space there, or lower min-free-disk',
          ],
        },
      },
      { attempts: 0 },
    ]);
    expect(events.filter(({ type }) => type === 'attempt-started')).toEqual([]);
  });

  it('warns once of an image that may need more than there is, and builds it all the same', async () => {
    const { effects, events } = lab({ freeMib: 100, sizes: {}, crashes: { a: 1 }, engineIsHere: true });
    const build = { run: 'r', at: 1, incidents: 0, sizeBytes: 300 * MIB };
    const known = { engine: engineKey(effects.engine.facts), name: 'a', builds: [build] };
    const history = { now: () => ({ ...NO_HISTORY, images: [known] }) };
    await buildImages(images(['a']), SETTINGS, { ...effects, history });
    expect(warnings(events)).toEqual([
      '"a": 100 MiB are free where images are stored, and its build may need about 300 MiB',
    ]);
    expect(ends(events)).toMatchObject([{ attempts: 2, result: 'success' }]);
  });

  it('waits with the first builds until it is known where images are', async () => {
    const { effects, events, state } = lab({ freeMib: 1, sizes: {} });
    const { timer } = effects;
    const found = (ms: number, callback: () => void) => {
      state.here = true;
      return timer(ms, callback);
    };
    await buildImages(images(['a']), { ...SETTINGS, minFreeDiskBytes: 2 * MIB }, { ...effects, timer: found });
    expect(ends(events)).toMatchObject([{ attempts: 0, result: 'failure' }]);
  });

  it('goes on when that cannot be learnt, or is elsewhere, which it says once', async () => {
    const unknown = lab({ freeMib: 1, sizes: {} });
    await buildImages(images(['a', 'b']), { ...SETTINGS, minFreeDiskBytes: 2 * MIB }, unknown.effects);
    expect(ends(unknown.events)).toMatchObject([{ result: 'success' }, { result: 'success' }]);
    const first = unknown.events.find(({ type }) => type === 'attempt-started');
    expect(first?.at).toBeGreaterThanOrEqual(10_000);

    const elsewhere = lab({ freeMib: 1, sizes: {}, engineIsHere: false });
    await buildImages(images(['a', 'b']), { ...SETTINGS, minFreeDiskBytes: 2 * MIB }, elsewhere.effects);
    expect(ends(elsewhere.events)).toMatchObject([{ result: 'success' }, { result: 'success' }]);
    expect(warnings(elsewhere.events)).toEqual([expect.stringContaining('min-free-disk has no effect')]);
    expect(elsewhere.events.find(({ type }) => type === 'attempt-started')).toMatchObject({ at: 0 });
  });

  it('ends every image exactly once, and begins no build below the limit, whatever is free, crashes and is pruned', async () => {
    const mib = fc.integer({ min: 0, max: 40 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ size: mib, crashes: fc.integer({ min: 0, max: 1 }) }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 0, max: 120 }),
        fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
        fc.boolean(),
        fc.integer({ min: 1, max: 3 }),
        async (list, freeMib, minMib, prune, maxParallel) => {
          const names = list.map((_, index) => `i${index}`);
          const by = (key: 'size' | 'crashes') => Object.fromEntries(list.map((one, index) => [`i${index}`, one[key]]));
          const { effects, events, state, soon } = lab({
            freeMib,
            sizes: by('size'),
            crashes: by('crashes'),
            engineIsHere: true,
          });
          const handOff: HandOff = {
            to: 'archive',
            attempt: async () => {
              await soon();
              return { said: 'kept' };
            },
          };
          const limit = minMib === undefined ? {} : { minFreeDiskBytes: minMib * MIB };
          await buildImages(
            images(names),
            { ...SETTINGS, ...limit, prune, maxParallel, serialAfter: 9 },
            { ...effects, handOffs: [handOff] },
          );
          expect(
            ends(events)
              .map(({ image }) => image)
              .sort(),
          ).toEqual(names);
          const total = list.reduce((sum, { size }) => sum + size, 0);
          // A disk that is over full is beyond this one's rules.
          const fits = minMib === undefined || freeMib >= (prune ? Math.max(minMib, total) : minMib + total);
          if (fits) expect(ends(events).every(({ result }) => result === 'success')).toBe(true);
          if (minMib !== undefined) expect(state.leastAtStart).toBeGreaterThanOrEqual(minMib * MIB);
          if (prune && fits) expect(state.free).toBe(freeMib * MIB);
        },
      ),
      { numRuns: 150 },
    );
  }, 60_000);
});
