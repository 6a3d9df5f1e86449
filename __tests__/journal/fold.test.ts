import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { foldJournal } from '../../src/journal/fold.js';
import { BROKEN, CRASH, crashedRun, healthyRun, journal, lostRun, START, USAGE } from '../support/journal-factory.js';

describe('folding a journal', () => {
  it('sums up a healthy run', () => {
    const report = foldJournal(healthyRun().events);
    expect(report).toMatchObject({
      result: 'success',
      startedAt: START,
      endedAt: START + 62_500,
      lane: 2,
      mode: 'parallel',
      budget: { lane: 2, retries: 3, serialAfter: 2 },
      retries: 0,
      incidents: [],
    });
    expect(report.images.map(({ name, result }) => [name, result])).toEqual([
      ['api', 'success'],
      ['web', 'success'],
      ['db', 'success'],
    ]);
    expect(report.images[0]?.attempts[0]).toMatchObject({ number: 1, startedAt: START + 500, endedAt: START + 40_000 });
    expect(report.images[0]?.attempts[0]).toMatchObject({ pid: 4_000, log: 'logs/api-1.log', usage: USAGE });
    expect(report.samples).toHaveLength(2);
  });

  it('makes one incident of a crash that took down two attempts', () => {
    const report = foldJournal(crashedRun().events);
    expect(report).toMatchObject({ result: 'success', retries: 2, lane: 2, mode: 'reduced' });
    expect(report.incidents).toEqual([
      {
        number: 1,
        openedAt: START + 20_000,
        closedAt: START + 22_300,
        answered: true,
        said: '',
        evidence: CRASH.evidence,
        inFlight: ['api', 'web'],
        recoveries: [],
      },
    ]);
    expect(report.lanes.map(({ lane, mode }) => [lane, mode])).toEqual([
      [3, 'parallel'],
      [2, 'reduced'],
    ]);
    const api = report.images.find((image) => image.name === 'api');
    expect(api?.attempts).toMatchObject([
      { number: 1, incident: 1, verdict: CRASH },
      { number: 2, delayMs: 5_000 },
    ]);
    expect(api?.attempts[0]).not.toHaveProperty('delayMs');
    expect(api?.attempts[0]).not.toHaveProperty('built');
  });

  it('takes the news that a step was cached for no other step', () => {
    const step = { type: 'step-started', image: 'api', attempt: 1, text: 'COPY . .' } as const;
    const report = foldJournal([
      ...healthyRun().events,
      { ...step, at: START + 600, step: '1/2' },
      { ...step, at: START + 700, step: '2/2' },
      { ...step, at: START + 800, step: '2/2', cached: true },
      { ...step, at: START + 900, step: '3/2', cached: true },
    ]);
    expect(report.images[0]?.attempts[0]?.steps).toEqual([
      { at: START + 600, step: '1/2', text: 'COPY . .' },
      { at: START + 700, step: '2/2', text: 'COPY . .', cached: true },
      { at: START + 900, step: '3/2', text: 'COPY . .', cached: true },
    ]);
  });

  it('keeps the verdict of an image that failed for good', () => {
    const report = foldJournal(lostRun().events);
    expect(report).toMatchObject({ result: 'failure', mode: 'serial', lane: 1, retries: 2 });
    expect(report.images[0]).toMatchObject({ result: 'failure', verdict: CRASH });
    expect(report.incidents[1]).toMatchObject({ answered: false, said: 'dial unix: connection refused' });
  });

  it('takes an engine that died again as it came back for one that is not back', () => {
    const relapse = journal(['api'])
      .starts(1, 'api')
      .dies(9, 1, ['api'])
      .answers(10, 1)
      .add({ type: 'incident-reopened', at: START + 11_000, incident: 1, evidence: ['the events stream ended'] });
    const [open] = foldJournal(relapse.events).incidents;
    expect(open).not.toHaveProperty('closedAt');
    expect(open).not.toHaveProperty('answered');
    const { incidents } = foldJournal(relapse.answers(15, 1).events);
    expect(incidents).toMatchObject([{ openedAt: START + 9_000, closedAt: START + 15_000, answered: true }]);
    expect(incidents[0]?.evidence.at(-1)).toBe('died again as it came back: the events stream ended');
  });

  it('leaves open what the journal does not end', () => {
    const { events } = journal(['api', 'web', 'db'])
      .starts(1, 'api')
      .builds(5, 'api')
      .starts(6, 'web')
      .dies(9, 1, ['web']);
    const report = foldJournal(events);
    expect(report).toMatchObject({ result: 'interrupted', endedAt: START + 9_000 });
    expect(report.images.map((image) => image.result)).toEqual(['success', 'unfinished', 'unfinished']);
    expect(report.images[1]?.attempts[0]).not.toHaveProperty('endedAt');
    expect(report.incidents[0]).not.toHaveProperty('closedAt');
  });

  it('makes the best of lines that are missing', () => {
    const all = journal(['api'])
      .starts(1, 'api')
      .fails(5, 'api', BROKEN)
      .givesUp(5, 'api', BROKEN)
      .over(6, 'failure').events;
    const report = foldJournal(all.filter((event) => event.type !== 'attempt-started'));
    expect(report.images[0]?.attempts).toMatchObject([
      { number: 1, startedAt: START + 5_000, verdict: BROKEN, command: '' },
    ]);
  });

  it('takes names that objects have for names', () => {
    const names = ['__proto__', 'constructor', 'toString'];
    expect(foldJournal(journal(names).events).images.map((image) => image.name)).toEqual(names);
  });

  it('says that a journal without a start holds no run', () => {
    expect(() => foldJournal([])).toThrow('run-started');
    expect(() => foldJournal(healthyRun().events.slice(1))).toThrow('run-started');
  });

  it('folds every prefix of a journal', () => {
    const runs = [healthyRun(), crashedRun(), lostRun()].map((run) => run.events);
    fc.assert(
      fc.property(fc.constantFrom(...runs), fc.nat(), (events, cut) => {
        const length = 1 + (cut % events.length);
        const report = foldJournal(events.slice(0, length));
        expect(report.result === 'interrupted').toBe(length < events.length);
        for (const image of report.images) {
          for (const attempt of image.attempts)
            expect(attempt.endedAt ?? report.endedAt).toBeLessThanOrEqual(report.endedAt);
        }
      }),
    );
  });

  it('folds 10,000 images', () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `image-${index}`);
    const run = journal(names);
    names.forEach((name, index) => {
      run.starts(index, name).builds(index + 1, name);
    });
    const report = foldJournal(run.over(10_001, 'success').events);
    expect(report.images.filter((image) => image.result === 'success')).toHaveLength(10_000);
  });
});
