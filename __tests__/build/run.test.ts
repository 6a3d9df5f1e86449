import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { buildImages, type RunEffects } from '../../src/build/run.js';
import type { RunSettings } from '../../src/build/settings.js';
import type { Answer } from '../../src/engine/engine.js';
import { podmanFromApi } from '../../src/engine/podman.js';
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
  const state = { at: 0, running: 0, most: 0 };
  const cancel = new AbortController();
  const effects: RunEffects = {
    engine,
    start: (_image, command) => {
      state.running += 1;
      state.most = Math.max(state.most, state.running);
      const image = command.args.at(-1) ?? '';
      const fate = fates[image]?.shift() ?? 'built';
      const ended = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
        state.running -= 1;
        state.at += 10;
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
    measureContext: async () => undefined,
    askPatiently: async () => OK,
    readTrace: async () => ({ unnamed: 0, layers: [], cached: [], containers: [], lastStep: '' }),
    record: (event) => events.push(event),
    signal: cancel.signal,
  };
  return { effects, events, state };
}

const SETTINGS: RunSettings = {
  maxParallel: 2,
  serialAfter: 2,
  recovery: 'wait',
  recoveryTimeoutMs: 60_000,
  stallTimeoutMs: 120_000,
  failFast: false,
  cleanup: true,
  prune: false,
  retry: { retries: 3, minTimeoutMs: 0, maxTimeoutMs: 0, factor: 1, retryOn: ['engine-crash'] },
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
