import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { foldJournal } from '../../src/journal/fold.js';
import { renderJson } from '../../src/report/json.js';
import { publishedSchema, type ReportJson } from '../../src/report/json-schema.js';
import { busyRun } from '../support/busy-run.js';
import { HOSTILE } from '../support/hostile-text.js';
import { BROKEN, CRASH, crashedRun, healthyRun, journal, lostRun, START, USAGE } from '../support/journal-factory.js';

type Run = { events: Parameters<typeof foldJournal>[0] };
const json = (run: Run) => JSON.parse(renderJson(foldJournal(run.events))) as ReportJson;

const published = JSON.parse(readFileSync('schema/report-1.schema.json', 'utf8')) as Record<string, unknown>;

/** A validator that says what is wrong; a strict one refuses fields that the schema does not name, too. */
function validator(schema: unknown): (value: unknown) => string[] {
  const ajv = new Ajv2020({ allErrors: true, formats: { 'date-time': true } });
  const validate = ajv.compile(schema as Record<string, unknown>);
  return (value) => {
    validate(value);
    return (validate.errors ?? []).map(({ instancePath, message, params }) =>
      [instancePath, message, JSON.stringify(params)].join(' '),
    );
  };
}

function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([key, value]) => [key, closed(value)] as const);
  const isObject = 'properties' in schema;
  return { ...Object.fromEntries(entries), ...(isObject ? { additionalProperties: false } : {}) };
}

/** A run with everything that a journal can hold. */
function wholeRun() {
  return journal(['api', 'web', 'never'])
    .add({ type: 'sentinel', at: START, watch: 'pings', state: 'watching', said: 'no events here' })
    .add({ type: 'engine-machine', at: START, machine: { name: 'vm', cpus: 4, memoryBytes: 8, diskBytes: 9 } })
    .starts(1, 'api')
    .add({
      type: 'step-started',
      at: START + 1_500,
      image: 'api',
      attempt: 1,
      step: '1/2',
      text: 'FROM x',
      cached: true,
    })
    .add({ type: 'step-started', at: START + 2_000, image: 'api', attempt: 1, step: '2/2', text: 'RUN make' })
    .add({
      type: 'sample',
      at: START + 3_000,
      host: { cpuPercent: 5, oomKills: 0 },
      engine: { rssBytes: 7, openFiles: 3 },
    })
    .dies(4, 1, ['api'])
    .add({ type: 'recovery', at: START + 4_500, incident: 1, command: 'podman machine start', code: 1, said: 'no' })
    .fails(5, 'api', CRASH, { incident: 1, usage: { ...USAGE, kernel: { userMs: 5, messagesSent: 2, signals: 0 } } })
    .retries(5, 'api')
    .answers(6, 1)
    .add({
      type: 'cleaned-up',
      at: START + 7_000,
      incident: 1,
      removed: [{ kind: 'layer', id: 'abc' }],
      freedBytes: 12,
      left: ['in use'],
    })
    .starts(10, 'api')
    .builds(12, 'api')
    .starts(12, 'web')
    .fails(13, 'web', BROKEN, { ending: { kind: 'timed-out', afterMs: 1 } })
    .givesUp(13, 'web', BROKEN)
    .add({ type: 'warning', at: START + 13_000, message: 'beware' })
    .over(14, 'failure');
}

function hostileRun() {
  const names = [...new Set(HOSTILE)];
  const run = journal(names);
  for (const name of names) {
    const verdict = { class: 'build-failed' as const, evidence: [name], line: name };
    run.starts(0, name).fails(1, name, verdict, { tail: name }).givesUp(1, name, verdict);
  }
  return run.over(2, 'failure');
}

const RUNS: [string, Run][] = [
  ['a healthy run', healthyRun()],
  ['a run with a crash', crashedRun()],
  ['a lost run', lostRun()],
  ['a run with everything in it', wholeRun()],
  ['a run of hostile texts', hostileRun()],
  ['a run that ended at once', journal([])],
  ['a long run', busyRun({ images: 60, lane: 4, seconds: 300, incidents: 2 })],
];

describe('report.json', () => {
  it.each(RUNS)('of %s is what the published schema says', (_, run) => {
    expect(validator(published)(json(run))).toEqual([]);
  });

  it.each(RUNS)('of %s has no field that the published schema does not name', (_, run) => {
    expect(validator(closed(published))(json(run))).toEqual([]);
  });

  it('is refused by the schema when a field is missing or has another type', () => {
    const { lane: _, ...without } = json(healthyRun());
    expect(validator(published)(without)).toEqual([expect.stringContaining("must have required property 'lane'")]);
    expect(validator(published)({ ...json(healthyRun()), schema: 2 })).not.toEqual([]);
  });

  it('has each step with its time, the recoveries of an incident, and what was cleaned up', () => {
    const report = json(wholeRun());
    expect(report.images[0]?.attempts[0]?.steps).toEqual([
      { startedAt: '2026-01-15T12:00:01.500Z', durationMs: 500, step: '1/2', text: 'FROM x', cached: true },
      { startedAt: '2026-01-15T12:00:02.000Z', durationMs: 3_000, step: '2/2', text: 'RUN make' },
    ]);
    expect(report.incidents[0]?.recoveries).toEqual([
      { at: '2026-01-15T12:00:04.500Z', command: 'podman machine start', code: 1, said: 'no' },
    ]);
    expect(report.cleanUps).toEqual([
      {
        at: '2026-01-15T12:00:07.000Z',
        incident: 1,
        removed: [{ kind: 'layer', id: 'abc' }],
        freedBytes: 12,
        left: ['in use'],
      },
    ]);
    expect(report.engineMachine).toEqual({ name: 'vm', cpus: 4, memoryBytes: 8, diskBytes: 9 });
    expect(report.images[0]?.attempts[0]?.usage.kernel).toEqual({ userMs: 5, messagesSent: 2, signals: 0 });
    expect(report.resources.engine?.rssBytes).toEqual({ least: 7, mean: 7, peak: 7, last: 7 });
    expect(report.watchedByPings).toBe('no events here');
  });

  it('has a schema that is published as the code has it; otherwise run: npm run docs', () => {
    expect(published).toEqual(publishedSchema());
  });
});
