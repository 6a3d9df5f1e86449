import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { foldJournal } from '../../src/journal/fold.js';
import { parseJournal } from '../../src/journal/lines.js';
import { renderJson } from '../../src/report/json.js';
import { renderJunit } from '../../src/report/junit.js';
import { REPORTS } from '../../src/report/reports.js';
import { renderTrace } from '../../src/report/trace.js';
import { HOSTILE } from '../support/hostile-text.js';
import { BROKEN, CRASH, crashedRun, healthyRun, journal, lostRun } from '../support/journal-factory.js';

/** A real run, recorded: two deaths of a podman 4.3.1 server, and an image that is broken. */
const recorded = parseJournal(readFileSync('examples/crash.ndjson', 'utf8')).events;
const hostile = journal(HOSTILE);
for (const name of HOSTILE) {
  hostile
    .starts(0, name)
    .fails(1, name, { class: 'build-failed', evidence: HOSTILE, line: name }, { tail: HOSTILE.join('\n') });
  hostile.givesUp(1, name, { class: 'build-failed', evidence: HOSTILE, line: name });
}
const RUNS = {
  recorded,
  healthy: healthyRun().events,
  crashed: crashedRun().events,
  lost: lostRun().events,
  hostile: hostile.events,
};

// Dates are a matter of form here: their format is asserted by the type that writes them.
const ajv = new Ajv2020({ strict: false, validateFormats: false });
const validate = ajv.compile(JSON.parse(readFileSync('schema/report-1.schema.json', 'utf8')));

describe('report.json', () => {
  it.each(Object.entries(RUNS))(
    'of a %s run is as its published schema says, wherever the journal ends',
    (_, events) => {
      fc.assert(
        fc.property(fc.nat(events.length - 1), (cut) => {
          const report = JSON.parse(renderJson(foldJournal(events.slice(0, cut + 1))));
          expect(validate(report) ? [] : validate.errors).toEqual([]);
        }),
        { numRuns: 30 },
      );
    },
  );

  it('that lacks something, or has it in another form, is not as the schema says', () => {
    const report = JSON.parse(renderJson(foldJournal(RUNS.crashed)));
    expect(validate({ ...report, incidents: undefined, schema: 2 })).toBe(false);
    expect(validate({ ...report, images: [{ ...report.images[0], outcome: 'fine' }] })).toBe(false);
    const { retries, ...without } = report;
    expect(validate(without)).toBe(false);
  });

  it('of the recorded crash holds steps, clean-ups and what the engine used', () => {
    const report = JSON.parse(renderJson(foldJournal(recorded)));
    expect(report.incidents).toHaveLength(2);
    expect(report.images[0].attempts[0].steps.map(({ step }: { step: string }) => step)).toEqual([
      '1/4',
      '2/4',
      '3/4',
      '4/4',
    ]);
    expect(report.cleanUps[0].removed).toContainEqual({ kind: 'process', id: expect.stringMatching(/^\d+$/) });
  });
});

describe('trace.json', () => {
  const trace = (events: typeof recorded) => JSON.parse(renderTrace(foldJournal(events)));

  it('has attempts and steps within the run, incidents as marks, and counters', () => {
    const { traceEvents } = trace(recorded);
    const phases = new Set(traceEvents.map(({ ph }: { ph: string }) => ph));
    expect([...phases].sort()).toEqual(['C', 'M', 'X', 'i']);
    const spans = traceEvents.filter(({ ph }: { ph: string }) => ph === 'X');
    expect(spans.every(({ ts, dur }: { ts: number; dur: number }) => ts >= 0 && dur >= 1 && ts + dur < 60e6)).toBe(
      true,
    );
    const inside = ({ name }: { name: string }) => name.startsWith('attempt 1: engine-crash');
    const attempt = spans.find(inside);
    const steps = spans.filter(
      ({ tid, name, ts }: { tid: number; name: string; ts: number }) =>
        tid === attempt.tid && /^\d\/\d/.test(name) && ts < attempt.ts + attempt.dur,
    );
    expect(steps).toHaveLength(4);
    for (const step of steps) expect(step.ts + step.dur).toBeLessThanOrEqual(attempt.ts + attempt.dur);
    expect(traceEvents.filter(({ ph, s }: { ph: string; s: string }) => ph === 'i' && s === 'g')).toHaveLength(2);
  });

  it('leaves out counters that nobody measured', () => {
    const names = trace(journal(['api']).starts(0, 'api').samples(1, {}).events).traceEvents.flatMap(
      ({ ph, name }: { ph: string; name: string }) => (ph === 'C' ? [name] : []),
    );
    expect(names).toEqual(['lane', 'builds in flight']);
  });

  it('of a long run is thinned', () => {
    const run = journal(['api']).starts(0, 'api');
    for (let second = 0; second < 45_000; second += 1) run.samples(second);
    expect(renderTrace(foldJournal(run.events)).length).toBeLessThan(20e6);
  });
});

describe('junit.xml', () => {
  const parse = (xml: string) =>
    new XMLParser({ ignoreAttributes: false, isArray: (name) => name === 'testcase' }).parse(xml).testsuites.testsuite;

  it('tells failures of images from errors of engines and from what never began', () => {
    const cancelled = { class: 'cancelled' as const, evidence: ['the run was cancelled'] };
    const run = journal(['good', 'broken', 'crashed', 'never'])
      .starts(0, 'good')
      .builds(1, 'good')
      .starts(0, 'broken')
      .fails(2, 'broken', BROKEN)
      .givesUp(2, 'broken', BROKEN)
      .starts(0, 'crashed')
      .fails(3, 'crashed', CRASH)
      .givesUp(3, 'crashed', CRASH)
      .givesUp(3, 'never', cancelled, 'cancelled');
    const suite = parse(renderJunit(foldJournal(run.over(4, 'failure').events)));
    expect(suite).toMatchObject({ '@_tests': '4', '@_failures': '1', '@_errors': '1', '@_skipped': '1' });
    expect(suite.testcase[1].failure).toMatchObject({ '@_type': 'build-failed', '@_message': BROKEN.line });
    expect(suite.testcase[2].error).toMatchObject({ '@_type': 'engine-crash', '@_message': CRASH.line });
    expect(suite.testcase[3]).toHaveProperty('skipped');
    expect(suite.testcase[1]['system-out']).toContain('attempt 1: build-failed');
  });

  it('is well-formed whatever names, lines and logs hold', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 40 }), { maxLength: 4 }), (texts) => {
        const names = [...new Set([...texts, ...HOSTILE])];
        const run = journal(names);
        for (const name of names) {
          const verdict = { class: 'build-failed' as const, evidence: [name, ']]>'], line: name };
          run
            .starts(0, name)
            .fails(1, name, verdict, { tail: `${name}\u0000\u001b[31m]]>` })
            .givesUp(1, name, verdict);
        }
        const xml = renderJunit(foldJournal(run.events));
        expect(XMLValidator.validate(xml)).toBe(true);
        // What XML 1.0 has no place for.
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
        expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
        expect(parse(xml).testcase).toHaveLength(names.length);
      }),
      { numRuns: 50 },
    );
  });
});

it.each(Object.keys(REPORTS))('%s can be made of the recorded crash', async (name) => {
  const text = await REPORTS[name]?.(foldJournal(recorded));
  expect(text?.length).toBeGreaterThan(500);
});
