import { describe, expect, it } from '@jest/globals';
import { foldJournal } from '../../src/journal/fold.js';
import { runningAttempts } from '../../src/report/concurrency.js';
import { stepSpans } from '../../src/report/step-spans.js';
import { describeWait, waitsOf } from '../../src/report/waits.js';
import { crashedRun, journal, START } from '../support/journal-factory.js';

function waits(run: { events: Parameters<typeof foldJournal>[0] }, image: number) {
  const report = foldJournal(run.events);
  const found = report.images[image];
  if (found === undefined) throw new Error(`no image ${image}`);
  return waitsOf(found, report).map((wait) => [wait.from - START, wait.until - START, describeWait(wait)]);
}

describe('waiting', () => {
  it('is before the first attempt and between attempts, with its reasons', () => {
    expect(waits(crashedRun(), 1)).toEqual([
      [0, 6_000, 'for its first attempt'],
      [20_100, 25_000, 'after attempt 1: engine dead for 2.2s, backoff of 5.0s'],
    ]);
  });

  it('is nothing for an image that begins at once and succeeds', () => {
    expect(waits(crashedRun(), 2)).toEqual([]);
  });

  it('says how much of it other runs on the same engine had their turn, also when it never came to an end', () => {
    const run = journal(['api', 'web']);
    run.add({ type: 'waiting-for-runs', at: run.at(6), ms: 5_000, runs: 1 });
    run.add({ type: 'waited-for-runs', at: run.at(8), ms: 7_000, runs: 1 });
    run.starts(8, 'api').builds(10, 'api');
    run.add({ type: 'waiting-for-runs', at: run.at(16), ms: 6_000, runs: 1 });
    run.add({ type: 'run-ended', at: run.at(20), result: 'cancelled' });
    expect(waits(run, 0)).toEqual([[0, 8_000, 'for its first attempt: other runs on the engine for 7.0s']]);
    expect(waits(run, 1)).toEqual([[0, 20_000, 'for its first attempt: other runs on the engine for 17.0s']]);
  });

  it('lasts until the end for an image that never had an attempt', () => {
    expect(waits(journal(['api']).samples(9), 0)).toEqual([[0, 9_000, 'for its first attempt']]);
  });
});

describe('running attempts', () => {
  it('are counted where their number changes', () => {
    const points = runningAttempts(foldJournal(crashedRun().events));
    expect(points.map(({ at, running }) => [at - START, running])).toEqual([
      [0, 1],
      [6_000, 2],
      [20_000, 1],
      [20_100, 0],
      [25_000, 2],
      [45_000, 1],
      [50_000, 0],
    ]);
  });

  it('run on to the end when the journal does not end them', () => {
    const points = runningAttempts(foldJournal(journal(['api']).starts(1, 'api').samples(5).events));
    expect(points.at(-1)).toEqual({ at: START + 5_000, running: 1 });
  });
});

describe('steps', () => {
  it('end where the next begins, the last with its attempt, and lie within it whatever the journal says', () => {
    const run = journal(['api']).starts(1, 'api');
    for (const [at, step] of [
      [5, '2/3'],
      [0, '1/3'],
      [99, '3/3'],
    ] as const)
      run.add({ type: 'step-started', at: run.at(at), image: 'api', attempt: 1, step, text: 'RUN make' });
    const report = foldJournal(run.builds(10, 'api').over(10, 'success').events);
    const attempt = report.images[0]?.attempts[0];
    if (attempt === undefined) throw new Error('no attempt');
    expect(stepSpans(attempt, report).map(({ at, until, step }) => [step, at - START, until - START])).toEqual([
      ['1/3', 1_000, 5_000],
      ['2/3', 5_000, 10_000],
      ['3/3', 10_000, 10_000],
    ]);
  });
});
