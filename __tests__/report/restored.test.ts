import { describe, expect, it } from '@jest/globals';
import { expectedMs } from '../../src/history/expectations.js';
import { NO_HISTORY } from '../../src/history/history.js';
import { learnFrom } from '../../src/history/learn.js';
import type { JournalEvent } from '../../src/journal/events.js';
import { foldJournal } from '../../src/journal/fold.js';
import { resultLine } from '../../src/report/headline.js';
import { reportData } from '../../src/report/html/data.js';
import { renderJson } from '../../src/report/json.js';
import { reportSchema } from '../../src/report/json-schema.js';
import { createLiveReporter } from '../../src/report/live.js';
import { outputsOf } from '../../src/report/outputs.js';
import { renderSummary } from '../../src/report/summary.js';
import { renderTimeline } from '../../src/report/timeline.js';
import { waitsOf } from '../../src/report/waits.js';
import { journal, START } from '../support/journal-factory.js';

const BUILT = { id: `sha256:${'ab'.repeat(32)}`, sizeBytes: 7 };
const KEY = 'cd'.repeat(32);
const restored: JournalEvent = {
  type: 'image-restored',
  at: START + 2_000,
  image: 'api',
  from: 'engine',
  key: KEY,
  built: BUILT,
  ageMs: 62_000,
};
const missed: JournalEvent = { type: 'image-not-restored', at: START + 1_000, image: 'web', why: 'no-cache' };
const ended = { type: 'image-ended', image: 'api', result: 'success', attempts: 0, built: BUILT } as const;
const CONTEXT = { bytes: 1, files: 1, complete: true, ignoreFile: false };
const images = [
  { name: 'api', tags: ['api:e2e'] },
  { name: 'web', tags: ['web:e2e'], needs: ['api'] },
];

/** `api` is restored and handed over, and `web` is built on it. */
const run = () =>
  journal([], { images })
    .add(restored)
    .add({ type: 'context-measured', at: START + 2_000, image: 'api', context: CONTEXT })
    .hands([2, 4], 'api', 'kind:e2e')
    .add({ ...ended, at: START + 4_000 })
    .add(missed)
    .starts(3, 'web')
    .builds(9, 'web')
    .add({ type: 'run-ended', at: START + 10_000, result: 'success' });
const report = () => foldJournal(run().events);

describe('an image that was restored', () => {
  it('has no attempt, a success and its id in the outputs', () => {
    expect(JSON.parse(outputsOf(report())['images'] ?? '')).toMatchObject({
      api: { id: BUILT.id, attempts: 0, 'duration-ms': 0, verdict: 'success' },
    });
  });

  it('is told in report.json, as its schema has it, and so is why another was not', () => {
    const facts = reportSchema.parse(JSON.parse(renderJson(report())));
    const at = new Date(START + 2_000).toISOString();
    expect(facts.images[0]).toMatchObject({ attempts: [], restored: { at, from: 'engine', key: KEY, ageMs: 62_000 } });
    expect(facts.images[1]).toMatchObject({ notRestored: 'no-cache' });
    expect(facts.images[1]?.restored).toBeUndefined();
  });

  it('is told in the summary and in report.html', () => {
    expect(renderSummary(report())).toMatch(/api.*\| success \| *restored \|/);
    expect(resultLine(report())).toBe('Success: 2 images there, 1 of them restored');
    expect(reportData(report()).images[0]?.note).toBe(
      `restored from the engine's store: built 1m 02s before, key ${KEY}`,
    );
  });

  it('is told in the log as it happens, and is not called one that was not built', () => {
    const reporter = createLiveReporter();
    const lines = run().events.flatMap((event) => reporter.lines(event).map(({ text }) => text));
    expect(lines).toContain(`restored: api: ${BUILT.id} is in the engine, built 1m 02s ago of the same`);
    expect(lines).toContain('not restored: web: no-cache');
    expect(lines.filter((line) => line.startsWith('not built'))).toEqual([]);
  });

  it('has its hand-off in the timeline, and those on it waited for it until it was there', () => {
    expect(renderTimeline(report())).toMatch(/section api\n.*kind/);
    const [api, web] = report().images.map((image) => waitsOf(image, report()));
    expect(api).toMatchObject([{ from: START, until: START + 2_000 }]);
    expect(web?.[0]).toMatchObject({ from: START, until: START + 2_000, needs: ['api'] });
  });

  it('teaches nothing of how long it takes, and takes nothing away that is known', () => {
    const once = foldJournal(journal(['api']).starts(0, 'api').builds(20, 'api').events);
    const later = (folder: string) => ({ ...report(), folder });
    const history = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']
      .map(later)
      .reduce(learnFrom, learnFrom(NO_HISTORY, once));
    expect(expectedMs(history, report().engine, 'api')).toBe(20_000);
  });
});
