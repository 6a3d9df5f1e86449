import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { foldJournal } from '../../src/journal/fold.js';
import { failureLines } from '../../src/report/failure.js';
import { renderJson } from '../../src/report/json.js';
import { outputsOf } from '../../src/report/outputs.js';
import { HOSTILE } from '../support/hostile-text.js';
import { BROKEN, crashedRun, healthyRun, journal, lostRun } from '../support/journal-factory.js';

const ID = `sha256:${'0123456789abcdef'.repeat(4)}`;
const outputs = (run: { events: Parameters<typeof foldJournal>[0] }) => outputsOf(foldJournal(run.events));

describe('the outputs', () => {
  it('of a run with a crash', () => {
    const { images, ...others } = outputs(crashedRun());
    expect(others).toEqual({
      imageids: `${ID}\n${ID}\n${ID}`,
      metadata: JSON.stringify({
        api: { 'image.name': 'api:e2e' },
        web: { 'image.name': 'web:e2e' },
        db: { 'image.name': 'db:e2e' },
      }),
      result: 'success',
      mode: 'reduced',
      incidents: '1',
      retries: '2',
      'duration-ms': '50000',
      report: '/reports/run',
    });
    expect(JSON.parse(images ?? '')).toMatchObject({
      api: { id: ID, digest: null, tags: ['api:e2e'], attempts: 2, 'duration-ms': 35_000, verdict: 'success' },
      db: { id: ID, tags: ['db:e2e'], attempts: 1, 'duration-ms': 5_000, verdict: 'success' },
    });
  });

  it('of a failed run give each verdict, and no id', () => {
    const { images, imageids, result, mode } = outputs(lostRun());
    expect({ imageids, result, mode }).toEqual({ imageids: '', result: 'failure', mode: 'serial' });
    expect(JSON.parse(images ?? '')).toMatchObject({ api: { id: null, attempts: 2, verdict: 'engine-crash' } });
  });

  it('of an image that was pushed give the digest of the try that succeeded', () => {
    const run = journal(['api']).starts(0, 'api').builds(1, 'api');
    const about = { type: 'hand-off-ended', image: 'api', to: 'push' } as const;
    const digest = `sha256:${'ab'.repeat(32)}`;
    const failed = { class: 'registry-flake' as const, evidence: ['500'] };
    const { images, metadata } = outputs({
      events: [
        ...run.events,
        { ...about, at: 2_000, attempt: 1, said: 'failed', verdict: failed },
        { ...about, at: 3_000, attempt: 2, said: 'pushed api:e2e', digest },
        { ...about, to: 'archive', at: 4_000, attempt: 1, said: 'saved', digest: `sha256:${'cd'.repeat(32)}` },
      ],
    });
    expect(JSON.parse(images ?? '')).toMatchObject({ api: { digest } });
    expect(JSON.parse(metadata ?? '')).toEqual({
      api: { 'containerimage.digest': digest, 'image.name': 'api:e2e' },
    });
  });

  it('call an interrupted run a failure', () => {
    const { images, result } = outputs(journal(['api', 'web']).starts(1, 'api').samples(3));
    expect(result).toBe('failure');
    expect(JSON.parse(images ?? '')).toMatchObject({
      api: { id: null, attempts: 1, 'duration-ms': 2_000, verdict: 'cancelled' },
      web: { id: null, attempts: 0, 'duration-ms': 0, verdict: 'cancelled' },
    });
  });

  it('hold any names in one line of JSON', () => {
    const names = [...new Set(HOSTILE)];
    const { images = '' } = outputs(journal(names));
    expect(images).not.toMatch(/[\n\r]/);
    expect(Object.keys(JSON.parse(images)).sort()).toEqual([...names].sort());
  });
});

describe('the lines of failed images', () => {
  it('name the verdict, the attempts and the last error line', () => {
    expect(failureLines(foldJournal(lostRun().events))).toEqual([
      { image: 'api', message: 'api: engine-crash after 2 attempts: Error: server probably quit: unexpected EOF' },
      { image: 'web', message: 'web: engine-crash after 2 attempts: Error: server probably quit: unexpected EOF' },
    ]);
  });

  it('name only the images that have no success', () => {
    const run = journal(['good', 'broken'])
      .starts(0, 'good')
      .builds(1, 'good')
      .starts(1, 'broken')
      .fails(2, 'broken', BROKEN)
      .givesUp(2, 'broken', BROKEN);
    expect(failureLines(foldJournal(run.events)).map((line) => line.message)).toEqual([
      `broken: build-failed after 1 attempt: ${BROKEN.line}`,
    ]);
    expect(failureLines(foldJournal(healthyRun().events))).toEqual([]);
  });

  it.each([
    [
      'fell to evidence',
      { class: 'timeout' as const, evidence: ['longer than 15 minutes'] },
      ': longer than 15 minutes',
    ],
    ['know no reason', { class: 'timeout' as const, evidence: [] }, ''],
  ])('are whole when they %s', (_, verdict, end) => {
    const run = journal(['api']).starts(0, 'api').fails(1, 'api', verdict).givesUp(1, 'api', verdict);
    expect(failureLines(foldJournal(run.events))[0]?.message).toBe(`api: timeout after 1 attempt${end}`);
  });

  it.each(HOSTILE)('are one line each for %j', (name) => {
    const run = journal([name]).givesUp(1, name, { class: 'build-failed', evidence: [name], line: name });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    for (const { message } of failureLines(foldJournal(run.events))) expect(message).not.toMatch(/[\x00-\x1f\u2028]/);
  });
});

describe('report.json', () => {
  it('holds the facts of the run in a fixed order', () => {
    const json = renderJson(foldJournal(crashedRun().samples(51).events));
    const facts = JSON.parse(json);
    expect(Object.keys(facts)).toEqual([
      ...['schema', 'version', 'result', 'startedAt', 'endedAt', 'durationMs', 'engine', 'host', 'folder', 'budget'],
      ...[
        'lane',
        'mode',
        'retries',
        'images',
        'incidents',
        'sharedWaits',
        'lanes',
        'resources',
        'cleanUps',
        'removals',
        'warnings',
      ],
    ]);
    expect(facts).toMatchObject({
      schema: 1,
      startedAt: '2026-01-15T12:00:00.000Z',
      durationMs: 50_000,
      retries: 2,
      incidents: [{ number: 1, openedAt: '2026-01-15T12:00:20.000Z', durationMs: 2_300, inFlight: ['api', 'web'] }],
      resources: { samples: 1, cpuPercent: { least: 50, mean: 50, peak: 50, last: 50 } },
    });
    expect(facts.images[0].attempts[0]).toMatchObject({ number: 1, durationMs: 15_000, incident: 1, pid: 4_000 });
    expect(json).toBe(renderJson(foldJournal(crashedRun().samples(51).events)));
  });

  it('is rendered for every prefix of a journal, and so are the outputs', () => {
    const runs = [healthyRun(), crashedRun(), lostRun()].map((run) => run.events);
    fc.assert(
      fc.property(fc.constantFrom(...runs), fc.nat(), (events, cut) => {
        const report = foldJournal(events.slice(0, 1 + (cut % events.length)));
        expect(JSON.parse(renderJson(report)).images).toHaveLength(report.images.length);
        const { images = '' } = outputsOf(report);
        expect(Object.keys(JSON.parse(images))).toHaveLength(report.images.length);
      }),
    );
  });
});
