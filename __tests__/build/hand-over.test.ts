import { describe, expect, it } from '@jest/globals';
import { createDiskGate } from '../../src/build/disk-gate.js';
import { createHandOver, type HandOverEffects } from '../../src/build/hand-over.js';
import { makeByBuild } from '../../src/build/making.js';
import type { Command } from '../../src/engine/engine.js';
import { podmanFromApi } from '../../src/engine/podman.js';
import type { HandOff } from '../../src/handoff/hand-off.js';
import { createArchiveFiles } from '../../src/host/archive-files.js';
import type { JournalEvent } from '../../src/journal/events.js';
import { NO_CLEAN_UP } from '../../src/recover/clean-up.js';
import { createIncidents } from '../../src/recover/incidents.js';
import { createScheduler } from '../../src/schedule/scheduler.js';
import { imageSpec } from '../support/image-spec-factory.js';

const SAVE: Command = { file: 'podman', args: ['save', 'api:e2e'], env: {} };
const BUILT = { id: `sha256:${'ab'.repeat(32)}` };
const CRASH = 'Error: unable to connect to Podman socket: Get "http://d/v4.3.1/libpod/_ping": EOF';

/** Commands that end as scripted, by turns: what they print on stderr, or nothing when all is well. */
function lab(script: string[], handOffs: HandOff[]) {
  const engine = podmanFromApi(
    { engine: 'auto' },
    { socketPath: '/s' },
    { code: 0, stdout: '', stderr: '', server: 'Libpod/4.3.1 (linux)' },
    'asked',
  );
  if (typeof engine === 'string') throw new Error(engine);
  const events: JournalEvent[] = [];
  const removed: string[] = [];
  const signal = new AbortController().signal;
  const ping = async () => ({ alive: true, said: '' });
  const common = { now: () => 0, record: (event: JournalEvent) => events.push(event), signal };
  const incidents = createIncidents(
    { mode: 'wait', timeoutMs: 1_000, deadlineAt: Number.POSITIVE_INFINITY },
    {
      ...common,
      ping,
      act: async () => {},
      sleep: async () => {},
      inFlight: () => [...handing],
      cleanUp: async () => {},
      onOpen: () => {},
    },
  );
  const handing = new Set<string>();
  const effects: HandOverEffects = {
    ...common,
    engine,
    making: makeByBuild(engine),
    incidents,
    ping,
    start: () => {
      throw new Error('nothing is built');
    },
    startCommand: () => {
      const stderr = script.shift() ?? '';
      const end = { code: stderr === '' ? 0 : 125, stdout: '', stderr, tail: stderr };
      return { lastOutputAt: () => 0, ended: Promise.resolve(end), kill: () => {} };
    },
    ask: async () => ({ code: 0, stdout: '', stderr: '' }),
    files: () => ({ iidfile: '', figures: '', log: '' }),
    takeId: () => undefined,
    vitals: () => ({}),
    servingSince: () => undefined,
    track: () => {},
    untrack: () => ({}),
    stallTimeoutMs: 1_000,
    deadline: signal,
    deadlineMs: 0,
    timer: () => () => {},
    cleanUp: NO_CLEAN_UP,
    sleep: async () => {},
    handOffLog: (image, to, attempt) => `logs/${image.name}.${to}.${attempt}.log`,
    temporaryFile: (name) => ({ path: name, remove: () => removed.push(name) }),
    spaceFor: ({ folder = 'scratch' }) => [{ folder, freeBytes: 5 * 2 ** 20 }],
    archives: createArchiveFiles('/ws', 'test'),
    turns: { scheduler: createScheduler(1, incidents), signal, mayWait: () => true },
    retry: { retries: 1, minTimeoutMs: 0, maxTimeoutMs: 0, factor: 1, retryOn: ['engine-crash'] },
    handing,
    diskGate: createDiskGate({
      ...common,
      minFreeBytes: undefined,
      vitals: () => ({}),
      othersRun: () => false,
      wake: () => {},
      timer: () => () => {},
    }),
    whyNotStarted: () => ({ class: 'cancelled', evidence: ['stopped'] }),
  };
  return { events, removed, handOver: createHandOver(handOffs, effects) };
}

const archive: HandOff = {
  to: 'archive',
  async attempt(_image, _built, tools) {
    tools.temporaryFile('api.tar');
    const ran = await tools.run(SAVE);
    return ran.ending.kind === 'exited' && ran.ending.code === 0 ? { said: 'saved', bytes: 5 } : { failed: ran };
  },
};

describe('handing an image over', () => {
  it('tells what came of it, and leaves no temporary file', async () => {
    const { handOver, events, removed } = lab([''], [archive]);
    expect(await handOver(imageSpec({ name: 'api' }), BUILT, 0)).toBeUndefined();
    expect(events).toEqual([
      { type: 'hand-off-started', at: 0, image: 'api', to: 'archive', attempt: 1, log: 'logs/api.archive.1.log' },
      { type: 'hand-off-ended', at: 0, image: 'api', to: 'archive', attempt: 1, said: 'saved', bytes: 5 },
    ]);
    expect(removed).toEqual(['api.tar']);
  });

  it('warns once of each folder in which there is too little room, with the figures, and goes on', async () => {
    const saving: HandOff = { ...archive, saves: { folder: 'images' } };
    const { handOver, events } = lab([CRASH, ''], [saving]);
    const large = { ...BUILT, sizeBytes: 6 * 2 ** 20 };
    expect(await handOver(imageSpec({ name: 'api' }), large, 0)).toBeUndefined();
    expect(events.flatMap((event) => (event.type === 'warning' ? [event.message] : []))).toEqual([
      '"api": 5 MiB are free in images, and its hand-off to archive may need about 6 MiB',
    ]);
    const enough = lab([''], [saving]);
    await enough.handOver(imageSpec({ name: 'api' }), { ...BUILT, sizeBytes: 5 * 2 ** 20 }, 0);
    expect(enough.events.filter(({ type }) => type === 'warning')).toEqual([]);
  });

  it('is an incident when the engine dies in it, and is tried again', async () => {
    const { handOver, events, removed } = lab([CRASH, ''], [archive]);
    expect(await handOver(imageSpec({ name: 'api' }), BUILT, 0)).toBeUndefined();
    expect(events.find(({ type }) => type === 'incident-opened')).toMatchObject({ inFlight: [] });
    expect(events.find(({ type }) => type === 'hand-off-ended')).toMatchObject({
      verdict: { class: 'engine-crash', line: CRASH },
      command: 'podman save api:e2e',
      incident: 1,
    });
    expect(events.filter(({ type }) => type === 'retry-scheduled')).toMatchObject([{ to: 'archive', attempt: 2 }]);
    expect(removed).toEqual(['api.tar', 'api.tar']);
  });

  it('is not tried again when it fails for a reason of its own, and what would follow is left out', async () => {
    const never: HandOff = { to: 'push', attempt: () => Promise.reject(new Error('it was tried')) };
    const { handOver, events } = lab(['Error: no such thing'], [archive, never]);
    const verdict = await handOver(imageSpec({ name: 'api' }), BUILT, 0);
    expect(verdict).toMatchObject({ class: 'build-failed', line: 'Error: no such thing' });
    expect(events.filter(({ type }) => type === 'hand-off-started')).toHaveLength(1);
  });

  it('keeps a file that was made whole for later tries and hand-offs of the image, and removes it after the last', async () => {
    const made: string[] = [];
    const load = (to: string): HandOff => ({
      to,
      async attempt(_image, _built, tools) {
        const file = await tools.keptFile('image.tar', async (path) => {
          made.push(path);
          const ran = await tools.run(SAVE);
          return ran.ending.kind === 'exited' && ran.ending.code === 0 ? undefined : { failed: ran };
        });
        if ('failed' in file) return file;
        const ran = await tools.run({ file: 'kind', args: ['load', file.path], env: {} });
        return ran.stderr === '' ? { said: 'loaded' } : { failed: ran, dialect: 'cluster' };
      },
    });
    // A save breaks off and is made anew, once for both clusters.
    const { handOver, events, removed } = lab([CRASH, '', ''], [load('kind:a'), load('kind:b')]);
    expect(await handOver(imageSpec({ name: 'api' }), BUILT, 0)).toBeUndefined();
    expect(made).toHaveLength(2);
    expect(removed).toEqual(['image.tar', 'image.tar']);
    expect(events.filter(({ type }) => type === 'hand-off-ended')).toMatchObject([
      { to: 'kind:a', attempt: 1, verdict: { class: 'engine-crash' } },
      { to: 'kind:a', attempt: 2, said: 'loaded' },
      { to: 'kind:b', attempt: 1, said: 'loaded' },
    ]);
    // A load breaks off, and what was saved is loaded again.
    const again = lab(['', CRASH, ''], [load('kind:a')]);
    expect(await again.handOver(imageSpec({ name: 'api' }), BUILT, 0)).toBeUndefined();
    expect(made).toHaveLength(3);
    expect(again.removed).toEqual(['image.tar']);
  });

  it('says what is wrong when no command failed', async () => {
    const refuses: HandOff = { to: 'kind:e2e', attempt: async () => ({ failed: 'there is no cluster "e2e"' }) };
    const verdict = await lab([], [refuses]).handOver(imageSpec({ name: 'api' }), BUILT, 0);
    expect(verdict).toEqual({ class: 'usage-error', evidence: ['there is no cluster "e2e"'] });
  });

  it('fails for what a command that claims success has left in the stead of what it should', async () => {
    const empty: HandOff = {
      to: 'archive',
      attempt: async (_image, _built, tools) => ({
        failed: await tools.run(SAVE),
        missing: 'what it saved is no image',
      }),
    };
    const verdict = await lab([''], [empty]).handOver(imageSpec(), BUILT, 0);
    expect(verdict).toEqual({ class: 'build-failed', evidence: ['what it saved is no image'] });
  });

  it('fails as what it says itself to be', async () => {
    const full: HandOff = { to: 'archive', attempt: async () => ({ failed: 'ENOSPC', as: 'resources-exhausted' }) };
    const verdict = await lab([], [full]).handOver(imageSpec(), BUILT, 0);
    expect(verdict).toEqual({ class: 'resources-exhausted', evidence: ['ENOSPC'] });
  });
});
