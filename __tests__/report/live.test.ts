import { expect, it } from '@jest/globals';
import type { JournalEvent } from '../../src/journal/events.js';
import { createLiveReporter } from '../../src/report/live.js';
import { crashedRun, journal, SAMPLE, START } from '../support/journal-factory.js';

function after(events: ReturnType<typeof journal>['events']) {
  const reporter = createLiveReporter();
  for (const event of events) {
    reporter.lines(event);
    reporter.finishedLog(event);
  }
  return reporter;
}

it('a heartbeat tells what runs at which step for how long, the lane and the memory', () => {
  const run = journal(['api', 'web']).starts(0, 'api').starts(10, 'web');
  run.add({ type: 'step-started', at: run.at(5), image: 'api', attempt: 1, step: '2/5', text: 'RUN go build' });
  run.add({ type: 'sample', at: run.at(39), host: SAMPLE, engine: { rssBytes: 2 ** 30 } });
  expect(after(run.events).heartbeat(START + 40_000)?.text).toBe(
    'running: api, attempt 1 at 2/5 RUN go build (40.0s), web, attempt 1 (30.0s); lane 2; 3.0 GiB of memory available, the engine has 1.0 GiB',
  );
});

it('a heartbeat tells what is left of a build, or what it usually takes, where earlier runs taught it', () => {
  const images = ['api', 'web', 'db'].map((name) => ({
    name,
    tags: [],
    ...(name === 'api' && { expectedMs: 90_000 }),
  }));
  const run = journal([], { images }).starts(0, 'api').starts(0, 'web').starts(0, 'db');
  const about = { from: 'cache-service', images: 12, runs: 3 } as const;
  run.add({ type: 'history-loaded', at: run.at(3), ...about, expected: [{ image: 'web', ms: 30_000 }] });
  expect(after(run.events).heartbeat(START + 40_000)?.text).toBe(
    'running: api, attempt 1 (40.0s, about 50.0s left), web, attempt 1 (40.0s, usually 30.0s), db, attempt 1 (40.0s); lane 2',
  );
});

it.each<[string, Partial<Extract<JournalEvent, { type: 'history-loaded' }>>, string]>([
  ['files', { from: 'file', folder: '/c' }, 'history: 12 images known from 3 runs (files in /c)'],
  ['one of each', { images: 1, runs: 1 }, 'history: 1 image known from 1 run (cache service)'],
  ['nothing yet', { images: 0, runs: 0 }, 'history: no earlier run on this engine is known (cache service)'],
  ['late', { expected: [] }, 'history: 12 images known from 3 runs (cache service), which came after builds had begun'],
])('the log tells where history is from: %s', (_name, values, text) => {
  const event: JournalEvent = {
    type: 'history-loaded',
    at: START,
    from: 'cache-service',
    images: 12,
    runs: 3,
    ...values,
  };
  expect(createLiveReporter().lines(event)).toEqual([{ level: 'info', text }]);
});

it('a heartbeat is silent while nothing runs', () => {
  expect(after(crashedRun().events).heartbeat(START + 40_000)).toBeUndefined();
  expect(after(journal(['api']).events).heartbeat(START)).toBeUndefined();
});
