import { describe, expect, it } from '@jest/globals';
import type { EngineMachine, HostSample } from '../../src/journal/events.js';
import { foldJournal } from '../../src/journal/fold.js';
import { advise } from '../../src/report/triage/advice.js';
import { weighHypotheses } from '../../src/report/triage/hypotheses.js';
import { knownBugs } from '../../src/report/triage/known-bugs.js';
import { stateAtDeath } from '../../src/report/triage/state-at-death.js';
import { CRASH, ENGINE, journal, SAMPLE } from '../support/journal-factory.js';

const GIB = 1024 ** 3;
const CALM: HostSample = { ...SAMPLE, cpuPercent: 20, load1: 0.5, memoryAvailableBytes: 5 * GIB, oomKills: 4 };

/** Two builds die with their engine at 20 s; the looks at the host are from before it and from after it. */
function crash(before: HostSample = CALM, after: HostSample = before, inFlight = ['api', 'web']) {
  const run = journal(['api', 'web', 'db'], { lane: 2 }).samples(10, before).samples(19.5, before);
  for (const image of inFlight) run.starts(5, image);
  run.dies(20, 1, inFlight);
  for (const image of inFlight) run.fails(20, image, CRASH, { incident: 1 });
  return run.samples(20.5, after).answers(22, 1);
}

function triageOf(run: ReturnType<typeof journal>) {
  const report = foldJournal(run.events);
  const triages = report.incidents.map((incident) => {
    const state = stateAtDeath(report, incident);
    return { state, hypotheses: weighHypotheses(report, incident, state) };
  });
  const likelihood = Object.fromEntries((triages[0]?.hypotheses ?? []).map(({ cause, likelihood: is }) => [cause, is]));
  return { triages, likelihood, advice: advise(report, triages), state: triages[0]?.state };
}

describe('the state at death', () => {
  it('is that of the last look before it, with the peaks of the seconds before', () => {
    const run = journal(['api'])
      .starts(0, 'api')
      .add({ type: 'step-started', at: journal([]).at(3), image: 'api', attempt: 1, step: '2/5', text: 'RUN go build' })
      .samples(1, { ...SAMPLE, memoryAvailableBytes: 1 })
      .samples(40, { ...SAMPLE, memoryAvailableBytes: 2 * GIB })
      .samples(50, { ...SAMPLE, memoryAvailableBytes: 3 * GIB, load1: 9 })
      .dies(51, 1, ['api']);
    const { state } = triageOf(run);
    expect(state).toMatchObject({ memoryLeastBytes: 2 * GIB, builds: 1, host: { load1: 9 } });
    expect(state?.inFlight).toMatchObject([{ image: 'api', attempt: 1, runMs: 51_000, step: { step: '2/5' } }]);
  });

  it('has no figure that was not measured', () => {
    const { state, likelihood } = triageOf(journal(['api']).starts(0, 'api').dies(5, 1, ['api']));
    expect(state).toMatchObject({ host: {}, engine: {} });
    expect(state).not.toHaveProperty('cpuMeanPercent');
    expect(likelihood).toMatchObject({ 'OOM kill': 'not known', memory: 'not known', disk: 'not known' });
  });
});

describe('hypotheses', () => {
  it.each<[string, HostSample, HostSample, Record<string, string>]>([
    ['a kill for want of memory', CALM, { ...CALM, oomKills: 5 }, { 'OOM kill': 'likely' }],
    ['none', CALM, CALM, { 'OOM kill': 'unlikely', memory: 'unlikely', 'engine bug': 'possible' }],
    [
      'little memory and pressure',
      { ...CALM, memoryAvailableBytes: 0.1 * GIB, memoryPressurePercent: 30 },
      { ...CALM, memoryAvailableBytes: 0.1 * GIB },
      { memory: 'likely', 'engine bug': 'unlikely' },
    ],
    ['a full disk', { ...CALM, diskFreeBytes: 1024 }, CALM, { disk: 'likely' }],
    ['much disk', CALM, CALM, { disk: 'unlikely' }],
    ['busy CPUs and load', { ...CALM, cpuPercent: 99, load1: 30 }, CALM, { overload: 'likely' }],
  ])('weigh %s', (_, before, after, expected) => {
    expect(triageOf(crash(before, after)).likelihood).toMatchObject(expected);
  });

  it('tell an engine that was asked too much from a build that died alone', () => {
    expect(triageOf(crash(CALM, CALM, ['api'])).likelihood).toMatchObject({ overload: 'unlikely' });
  });

  it('name files that ran out, and a server that lived on', () => {
    const engine = { pid: 7, openFiles: 1_000, openFilesLimit: 1_024 };
    const at = journal([]).at;
    const run = journal(['api'])
      .starts(5, 'api')
      .add({ type: 'sample', at: at(19), host: CALM, engine });
    run
      .dies(20, 1, ['api'])
      .answers(22, 1)
      .add({ type: 'sample', at: at(23), host: CALM, engine });
    expect(triageOf(run).likelihood).toMatchObject({
      'file descriptors': 'likely',
      'connection or VM loss': 'possible',
    });
  });

  it('see a huge context that was being copied', () => {
    const at = journal([]).at;
    const context = { bytes: 2.1 * GIB, files: 80_000, complete: true, ignoreFile: false };
    const run = journal(['api'])
      .starts(5, 'api')
      .add({ type: 'step-started', at: at(6), image: 'api', attempt: 1, step: '2/3', text: 'COPY --chown=1 . .' });
    run.dies(20, 1, ['api']).add({ type: 'context-measured', at: at(21), image: 'api', context });
    const { likelihood, advice } = triageOf(run);
    expect(likelihood).toMatchObject({ 'huge context': 'likely' });
    expect(advice).toContainEqual(
      expect.objectContaining({
        because: 'the folder holds 2.1 GiB in 80,000 files, and has no ignore file',
        paste: expect.stringContaining('.dockerignore'),
      }),
    );
  });

  it('suspect the one image that was in flight each time', () => {
    const run = crash().starts(23, 'web').dies(30, 2, ['web']);
    const { triages, advice } = triageOf(run);
    const bug = triages[1]?.hypotheses.find(({ cause }) => cause === 'engine bug');
    expect(bug?.for.join()).toContain('"web" was in flight each time the engine died');
    expect(advice.map(({ paste }) => paste)).toContain('targets: web');
  });
});

describe('advice', () => {
  it('is what the run itself survived with', () => {
    const busy = { ...CALM, cpuPercent: 99, load1: 30 };
    const run = crash(busy, busy);
    run.add({ type: 'lane-changed', at: run.at(20), from: 2, lane: 1, mode: 'serial', why: 'incident 1' });
    expect(triageOf(run).advice).toContainEqual(
      expect.objectContaining({
        paste: 'max-parallel: 1',
        because: expect.stringContaining('up to 2 builds in flight'),
      }),
    );
  });

  it.each<[string, EngineMachine | undefined, string | undefined]>([
    ['for a machine of its own', { cpus: 4, memoryBytes: 2 * GIB }, 'podman machine set --memory 4096 --cpus 4'],
    ['for this one', undefined, undefined],
  ])('gives more memory %s', (_, machine, paste) => {
    const short = { ...CALM, memoryAvailableBytes: 0.05 * GIB, memoryPressurePercent: 50 };
    const run = crash(short, { ...short, oomKills: 5 });
    if (machine !== undefined) run.add({ type: 'engine-machine', at: run.at(1), machine });
    const memory = triageOf(run).advice.find(({ do: what }) => what.includes('memory'));
    expect(memory?.paste).toBe(paste);
    expect(memory?.because).toMatch(/were available at the least; 1 OOM kill/);
  });

  it('is none where nothing was measured that speaks for it', () => {
    const run = journal(['api'], { engine: { ...ENGINE, version: '5.8.6' } });
    expect(triageOf(run.starts(0, 'api').dies(5, 1, ['api']).answers(6, 1)).advice).toEqual([]);
  });

  it('to upgrade names the fault and where it is told', () => {
    expect(knownBugs({ name: 'podman', version: '4.3.1' }).map(({ from, to }) => `${from}-${to}`)).toEqual([
      '4.3.0-4.3.1',
    ]);
    expect(knownBugs({ name: 'podman', version: '5.8.6' })).toEqual([]);
    expect(knownBugs({ name: 'docker', version: '28.5.2+dfsg' })).toEqual([]);
    expect(
      triageOf(crash())
        .advice.map(({ do: what }) => what)
        .join(),
    ).toContain('Upgrade podman: the server can panic');
  });
});
