import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { foldJournal } from '../../src/journal/fold.js';
import { parseJournal } from '../../src/journal/lines.js';
import { renderJson } from '../../src/report/json.js';
import { renderJunit } from '../../src/report/junit.js';
import { outputsOf } from '../../src/report/outputs.js';
import { renderSummary } from '../../src/report/summary.js';
import { renderTrace } from '../../src/report/trace.js';

/** A recorded crash, without most of its samples. */
const lines = readFileSync(join(process.cwd(), 'examples/crash.ndjson'), 'utf8')
  .split('\n')
  .filter((line, index) => line !== '' && (!line.includes('"type":"sample"') || index % 20 === 0));
const bytes = Buffer.from(lines.join('\n'));
const index = fc.nat(bytes.length - 1);

const cut = fc.tuple(index, index).map(([from, to]) => bytes.subarray(Math.min(from, to), Math.max(from, to)));
const flipped = fc.array(fc.tuple(index, fc.nat(255)), { maxLength: 20 }).map((changes) => {
  const damaged = Buffer.from(bytes);
  for (const [at, byte] of changes) damaged[at] = byte;
  return damaged;
});
const shuffled = fc.shuffledSubarray(lines).map((some) => Buffer.from(some.join('\n')));
const foreign = fc
  .array(fc.oneof(fc.json(), fc.string({ unit: 'binary' }), fc.constantFrom(...lines)), { maxLength: 20 })
  .map((some) => Buffer.from(some.join('\n')));
const journals = fc.oneof(cut, flipped, shuffled, foreign);

const fold = (journal: Buffer) => {
  const { events } = parseJournal(journal.toString('utf8'));
  return events.some(({ type }) => type === 'run-started') ? foldJournal(events) : undefined;
};

describe('the journal reader', () => {
  it('reads a journal that was cut, damaged, shuffled, or is none', () => {
    let runs = 0;
    fc.assert(
      fc.property(journals, (journal) => {
        if (fold(journal) !== undefined) runs += 1;
      }),
      { numRuns: 10_000 },
    );
    expect(runs).toBeGreaterThan(1_000);
  }, 60_000);

  it('gives what every report can be made of', () => {
    fc.assert(
      // A journal is cut or loses lines; a line that says something else within is one that somebody has written.
      fc.property(fc.oneof(cut, shuffled, foreign), (journal) => {
        const report = fold(journal);
        if (report === undefined) return;
        expect(outputsOf(report)['result']).toMatch(/^(success|failure|cancelled)$/);
        expect(renderSummary(report)).toMatch(/^## /);
        JSON.parse(renderJson(report));
        JSON.parse(renderTrace(report));
        expect(renderJunit(report)).toMatch(/^<\?xml/);
      }),
      { numRuns: 300 },
    );
  }, 60_000);
});
