import { describe, expect, it } from '@jest/globals';
import {
  contextBytes,
  expectedBytes,
  expectedMs,
  expectedPeakBytes,
  expectedStepMs,
  imagesOf,
  incidentsOf,
  runsOf,
} from '../../src/history/expectations.js';
import { type History, NO_HISTORY } from '../../src/history/history.js';
import { learnFrom } from '../../src/history/learn.js';
import type { JournalEvent } from '../../src/journal/events.js';
import { foldJournal } from '../../src/journal/fold.js';
import { BROKEN, crashedRun, ENGINE, healthyRun, journal, SAMPLE, START, USAGE } from '../support/journal-factory.js';

const LOCAL = { ...ENGINE, dialect: 'podman', served: false } as const;
const GIB = 1024 ** 3;

/** What is known after these journals, which began one after the other. */
function known(...runs: { events: JournalEvent[] }[]): History {
  return runs.reduce((history, { events }, index) => {
    const report = foldJournal(events);
    return learnFrom(history, { ...report, startedAt: report.startedAt + index, folder: `/reports/${index}` });
  }, NO_HISTORY);
}

/** A run of one image that took so many seconds. */
function took(seconds: number) {
  return journal(['api']).starts(0, 'api').builds(seconds, 'api').over(seconds, 'success');
}

describe('a run teaches', () => {
  it('how long each image took, by the attempt that succeeded', () => {
    const history = known(crashedRun());
    expect(imagesOf(history, ENGINE).sort()).toEqual(['api', 'db', 'web']);
    expect(expectedMs(history, ENGINE, 'api')).toBe(20_000);
    expect(expectedMs(history, ENGINE, 'web')).toBe(25_000);
    expect(expectedBytes(history, ENGINE, 'web')).toBe(123_456_789);
  });

  it('what was in flight when the engine died, and how the lane fared', () => {
    const history = known(crashedRun(), healthyRun());
    expect(incidentsOf(history, ENGINE).map((names) => names.sort())).toEqual([['api', 'web']]);
    expect(runsOf(history, ENGINE)).toMatchObject([
      { startLane: 2, endLane: 2, mostAtOnce: 2, mode: 'parallel', incidents: 0, result: 'success' },
      { startLane: 3, endLane: 2, mode: 'reduced', incidents: 1, cpus: 6, memoryBytes: 7 * GIB, durationMs: 50_000 },
    ]);
  });

  it('the lane that earlier runs had taught, when that came after builds had begun', () => {
    const late = took(5).add({
      type: 'lane-changed',
      at: START + 1_000,
      from: 3,
      lane: 1,
      mode: 'serial',
      why: 'the last run had an incident',
      learnt: true,
    });
    expect(runsOf(known(late), ENGINE)).toMatchObject([{ startLane: 1, laneLearnt: true, endLane: 1, mostAtOnce: 1 }]);
  });

  it('who was in flight together, over several runs, also where a version before kept only how often', () => {
    const { runs, images } = known(crashedRun(), crashedRun());
    const together = (history: History) => incidentsOf(history, ENGINE).map((names) => names.sort());
    expect(together({ schema: 1, runs, images })).toEqual([
      ['api', 'web'],
      ['api', 'web'],
    ]);
    const counted = images.map((image) => ({
      ...image,
      builds: image.builds.map(({ incidentNumbers, ...build }) => build),
    }));
    expect(together({ schema: 1, runs, images: counted })).toEqual(together({ schema: 1, runs, images }));
    expect(incidentsOf({ schema: 1, runs, images }, LOCAL)).toEqual([]);
  });

  it('nothing of how long an image takes that was not built', () => {
    const broken = journal(['api']).starts(0, 'api').fails(5, 'api', BROKEN).givesUp(5, 'api', BROKEN);
    expect(expectedMs(known(broken), ENGINE, 'api')).toBeUndefined();
    expect(expectedMs(known(took(20), broken), ENGINE, 'api')).toBe(20_000);
  });

  it('what ended, when it was killed', () => {
    const killed = journal(['api', 'web']).starts(0, 'api').starts(0, 'web').builds(7, 'api');
    const history = known(killed);
    expect(expectedMs(history, ENGINE, 'api')).toBe(7_000);
    expect(imagesOf(history, ENGINE)).toEqual(['api']);
    expect(runsOf(history, ENGINE)[0]?.result).toBe('interrupted');
  });

  it('the same once, however often it is learnt from', () => {
    const report = foldJournal(crashedRun().events);
    const once = learnFrom(NO_HISTORY, report);
    expect(learnFrom(once, report)).toEqual(once);
  });

  it('nothing of another engine, or of the same one driven otherwise', () => {
    const history = known(took(20));
    expect(expectedMs(history, LOCAL, 'api')).toBeUndefined();
    expect(runsOf(history, LOCAL)).toEqual([]);
  });

  it('how long steps took that were not cached, and what the context held', () => {
    const run = journal(['api']).starts(0, 'api');
    const step = (seconds: number, step: string, text: string, cached = {}) =>
      run.add({ type: 'step-started', at: run.at(seconds), image: 'api', attempt: 1, step, text, ...cached });
    step(0, '1/3', 'FROM busybox', { cached: true });
    step(1, '2/3', 'COPY . .');
    step(4, '3/3', `RUN ${'x'.repeat(300)}`);
    const context = { bytes: 77, files: 1, complete: true, ignoreFile: false };
    run.add({ type: 'context-measured', at: run.at(5), image: 'api', context }).builds(10, 'api');
    const history = known(run);
    expect(expectedStepMs(history, ENGINE, 'api', 'FROM busybox')).toBeUndefined();
    expect(expectedStepMs(history, ENGINE, 'api', 'COPY . .')).toBe(3_000);
    expect(expectedStepMs(history, ENGINE, 'api', `RUN ${'x'.repeat(300)}`)).toBe(6_000);
    expect(contextBytes(history, ENGINE, 'api')).toBe(77);
  });

  it('nothing under a name that is too long to be kept', () => {
    const name = 'x'.repeat(300);
    expect(known(journal([name]).starts(0, name).builds(5, name)).images).toEqual([]);
  });
});

describe('the expected duration', () => {
  it.each<[string, number[], number]>([
    ['is the only one', [20], 20],
    ['is between two', [20, 30], 25],
    ['is not moved by one that is far off', [20, 21, 500], 21],
    ['forgets all but the last five', [900, 900, 900, 10, 11, 12, 13, 14], 12],
  ])('%s', (_name, seconds, expected) => {
    expect(expectedMs(known(...seconds.map(took)), ENGINE, 'api')).toBe(expected * 1000);
  });
});

describe('the expected peak of memory', () => {
  const CRASH = { verdict: { class: 'engine-crash' as const, evidence: [] } };
  const stepsHeld = (gibibytes: number) => ({ ...USAGE, stepPeakRssBytes: gibibytes * GIB });

  it('is what the process tree of a local build held, the most of the last runs', () => {
    const run = (bytes: number) => {
      const usage = { ...USAGE, peakRssBytes: bytes };
      const one = journal(['api'], { engine: LOCAL }).starts(0, 'api');
      return one.ends(5, 'api', { usage, built: { id: 'sha256:1' } });
    };
    expect(expectedPeakBytes(known(run(GIB), run(3 * GIB), run(2 * GIB)), LOCAL, 'api')).toBe(3 * GIB);
  });

  it('is by how much memory in use grew on the machine of a server that did nothing else', () => {
    const run = journal(['api']).starts(0, 'api');
    for (const [second, used] of [
      [1, 1],
      [2, 4],
      [3, 2],
    ] as const) {
      const host = { ...SAMPLE, memoryUsedBytes: used * GIB };
      run.add({ type: 'sample', at: START + second * 1000, host, engine: { rssBytes: 1 } });
    }
    expect(expectedPeakBytes(known(run.builds(5, 'api')), ENGINE, 'api')).toBe(3 * GIB);
  });

  it('is by how much less the machine of a remote server had free', () => {
    const run = journal(['api']).starts(0, 'api');
    for (const [second, free] of [
      [1, 5],
      [15, 2],
    ] as const) {
      run.add({ type: 'sample', at: START + second * 1000, host: SAMPLE, engine: { memoryFreeBytes: free * GIB } });
    }
    expect(expectedPeakBytes(known(run.builds(20, 'api')), ENGINE, 'api')).toBe(3 * GIB);
  });

  it('is what the steps held that a server ran for it, in whichever attempt, whatever else it built', () => {
    const run = journal(['api', 'web']).starts(0, 'web').starts(0, 'api');
    run.ends(3, 'api', { usage: stepsHeld(3), ...CRASH }).starts(4, 'api');
    run.ends(5, 'api', { usage: stepsHeld(1), built: { id: 'sha256:1' } });
    expect(expectedPeakBytes(known(run.builds(6, 'web')), ENGINE, 'api')).toBe(3 * GIB);
  });

  it('is not learnt of an image that was not built, which ended before its heaviest step', () => {
    const built = journal(['api', 'web']).starts(0, 'web').starts(0, 'api');
    built.ends(5, 'api', { usage: stepsHeld(3), built: { id: 'sha256:1' } }).builds(6, 'web');
    const failed = () => {
      const run = journal(['api', 'web']).starts(0, 'web').starts(0, 'api');
      const verdict = { class: 'build-failed' as const, evidence: [] };
      return run.ends(1, 'api', { usage: stepsHeld(0.1), verdict }).builds(6, 'web');
    };
    const runs = [built, ...Array.from({ length: 6 }, failed)];
    expect(expectedPeakBytes(known(...runs), ENGINE, 'api')).toBe(3 * GIB);
  });

  it.each<
    [string, { text?: string; until?: number; cached?: true; lookAt?: number; whose?: string }, number | undefined]
  >([
    ['a long step that was not seen', {}, undefined],
    ['a long step that was', { lookAt: 3 }, 1 * GIB],
    ['a look before it', { lookAt: -1 }, undefined],
    ["a look at another one's step", { lookAt: 3, whose: 'web' }, undefined],
    ['a step of moments', { until: 4 }, 1 * GIB],
    ['a step that runs nothing', { text: 'COPY . .' }, 1 * GIB],
    ['a step that an earlier run had done', { cached: true }, undefined],
  ])('of a server that ran others meanwhile, and %s', (_name, of, expected) => {
    const { text = 'RUN go build', until = 10, cached, lookAt, whose = 'api' } = of;
    const run = journal(['api', 'web']).starts(0, 'web').starts(0, 'api');
    const step = { type: 'step-started' as const, at: START, image: 'api', attempt: 1, step: '1/1', text };
    run.add(step);
    if (cached === true) run.add({ ...step, cached });
    const attempts = [{ image: whose, attempt: 1, stepRssBytes: GIB }];
    if (lookAt !== undefined) run.add({ type: 'sample', at: START + lookAt * 1_000, host: SAMPLE, attempts });
    run.ends(until, 'api', { usage: stepsHeld(1), built: { id: 'sha256:1' } });
    expect(expectedPeakBytes(known(run.builds(until + 1, 'web')), ENGINE, 'api')).toBe(expected);
  });

  it.each<[string, ReturnType<typeof journal>]>([
    ['of two builds on a server at once', journal(['api', 'web']).starts(0, 'web').starts(0, 'api')],
    ['of a server that is not seen', journal(['api']).starts(0, 'api')],
  ])('is not known %s', (_name, run) => {
    const engine = _name.includes('two') ? { engine: { rssBytes: 1 } } : {};
    for (const second of [1, 2]) run.add({ type: 'sample', at: START + second * 1000, host: SAMPLE, ...engine });
    expect(expectedPeakBytes(known(run.builds(5, 'api')), ENGINE, 'api')).toBeUndefined();
  });
});
