import { expect, it } from '@jest/globals';
import { podmanLeftovers } from '../../src/engine/podman-leftovers.js';
import type { JournalEvent } from '../../src/journal/events.js';
import { type CleanUpEffects, createCleanUp } from '../../src/recover/clean-up.js';

const A = 'a'.repeat(64);

/** An engine that lists one container of ours, and does what it is told unless the test says otherwise. */
function lab(of: Partial<CleanUpEffects> = {}) {
  const events: JournalEvent[] = [];
  const asked: string[] = [];
  const cleanUp = createCleanUp({
    commands: podmanLeftovers((args) => ({ file: 'podman', args, env: {} })),
    ask: async ({ args }) => {
      asked.push(args.join(' '));
      const stdout = args[0] === 'ps' ? `c1\t${A}\t1970-01-01 00:00:02.5 +0000 UTC\tStorage\n` : '';
      return { code: 0, stdout, stderr: '' };
    },
    readTrace: async () => ({ unnamed: 1, layers: [A.slice(0, 12)], cached: [], containers: [], lastStep: 'RUN x' }),
    machine: async () => undefined,
    now: () => 9_000,
    record: (event) => events.push(event),
    ...of,
  });
  return { cleanUp, events, asked };
}

const attempt = { startedAt: 2_000, endedAt: 3_000, log: 'logs/a' };

it('asks the engine nothing while no attempt was interrupted', async () => {
  const { cleanUp, events, asked } = lab();
  expect(await cleanUp.run({ engineAnswers: true })).toBe(true);
  expect([events, asked]).toEqual([[], []]);
});

it('removes by id, layers only at the end, and records what it did', async () => {
  const { cleanUp, events, asked } = lab();
  cleanUp.interrupted(attempt);
  expect(await cleanUp.run({ incident: 1, engineAnswers: true })).toBe(true);
  expect(asked.filter((words) => !words.startsWith('ps '))).toEqual(['rm --force c1']);
  expect(events).toEqual([
    { type: 'cleaned-up', at: 9_000, incident: 1, removed: [{ kind: 'working-container', id: 'c1' }], left: [] },
  ]);
  await cleanUp.run({ engineAnswers: true });
  expect(asked.some((words) => words.startsWith('images '))).toBe(true);
});

it('asks an engine that is gone nothing, and says that it is not done', async () => {
  const { cleanUp, asked } = lab();
  cleanUp.interrupted(attempt);
  expect(await cleanUp.run({ engineAnswers: false })).toBe(false);
  expect(asked).toEqual([]);
});

it('tells what the engine refused', async () => {
  const { cleanUp, events } = lab({
    ask: async () => ({ code: 125, stdout: '', stderr: 'Error: database is locked\n' }),
  });
  cleanUp.interrupted(attempt);
  expect(await cleanUp.run({ incident: 1, engineAnswers: true })).toBe(false);
  expect(events).toMatchObject([{ left: ['the engine does not list what it stores: Error: database is locked'] }]);
});

it('never throws: the images matter more', async () => {
  const { cleanUp, events } = lab({
    readTrace: async () => {
      throw new Error('no such log');
    },
  });
  cleanUp.interrupted(attempt);
  expect(await cleanUp.run({ incident: 2, engineAnswers: true })).toBe(false);
  expect(events).toMatchObject([{ incident: 2, removed: [], left: ['the clean-up failed: no such log'] }]);
});
