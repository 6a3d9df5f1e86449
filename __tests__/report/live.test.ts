import { expect, it } from '@jest/globals';
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

it('a heartbeat is silent while nothing runs', () => {
  expect(after(crashedRun().events).heartbeat(START + 40_000)).toBeUndefined();
  expect(after(journal(['api']).events).heartbeat(START)).toBeUndefined();
});
