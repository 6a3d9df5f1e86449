import { describe, expect, it } from '@jest/globals';
import { foldJournal } from '../../src/journal/fold.js';
import { renderTrace } from '../../src/report/trace.js';
import type { TraceEvent } from '../../src/report/trace-events.js';
import { busyRun } from '../support/busy-run.js';
import { HOSTILE } from '../support/hostile-text.js';
import { crashedRun, journal } from '../support/journal-factory.js';

type Run = { events: Parameters<typeof foldJournal>[0] };
const trace = (run: Run) =>
  JSON.parse(renderTrace(foldJournal(run.events))) as { displayTimeUnit: string; traceEvents: TraceEvent[] };

describe('the trace', () => {
  it('has a process for the run and one for each image, with its result in the name', () => {
    const names = trace(crashedRun()).traceEvents.filter(({ name }) => name === 'process_name');
    expect(names.map(({ args }) => args['name'])).toEqual(['run', 'api (success)', 'web (success)', 'db (success)']);
    expect(new Set(names.map(({ pid }) => pid)).size).toBe(4);
  });

  it('has attempts, waiting and the lane as slices in microseconds since the start', () => {
    const slices = trace(crashedRun()).traceEvents.filter(({ ph }) => ph === 'X');
    expect(slices.map(({ name, ts, dur }) => [name, ts, dur])).toEqual([
      ['3 (parallel)', 0, 20_000_000],
      ['2 (reduced)', 20_000_000, 30_000_000],
      ['engine dead (1)', 20_000_000, 2_300_000],
      ['waiting for its first attempt', 0, 5_000_000],
      ['waiting after attempt 1: engine dead for 2.3s, backoff of 5.0s', 20_000_000, 5_000_000],
      ['api #1: engine-crash', 5_000_000, 15_000_000],
      ['api #2: success', 25_000_000, 20_000_000],
      ['waiting for its first attempt', 0, 6_000_000],
      ['waiting after attempt 1: engine dead for 2.2s, backoff of 5.0s', 20_100_000, 4_900_000],
      ['web #1: engine-crash', 6_000_000, 14_100_000],
      ['web #2: success', 25_000_000, 25_000_000],
      ['db #1: success', 0, 5_000_000],
    ]);
  });

  it('has each incident as an instant of the whole trace', () => {
    const instants = trace(crashedRun()).traceEvents.filter(({ ph }) => ph === 'i');
    expect(instants).toMatchObject([
      { name: 'incident 1', ts: 20_000_000, s: 'g', args: { inFlight: ['api', 'web'] } },
    ]);
  });

  it('has counters of what runs, and of each figure that samples have', () => {
    const { traceEvents } = trace(busyRun({ images: 3, lane: 2, seconds: 60, incidents: 1 }));
    const counters = new Set(traceEvents.filter(({ ph }) => ph === 'C').map(({ name }) => name));
    expect([...counters]).toEqual([
      'running attempts',
      'host CPU (%)',
      'host memory (MiB)',
      'host swap (MiB)',
      'CPU pressure (%)',
      'memory pressure (%)',
      'I/O pressure (%)',
      'free disk (MiB)',
      'engine CPU (%)',
      'engine memory (MiB)',
      'engine open files',
    ]);
  });

  it('nests steps in their attempts, as slices of a thread must', () => {
    const { traceEvents } = trace(busyRun({ images: 20, lane: 4, seconds: 120, incidents: 2 }));
    const threads = new Map<string, TraceEvent[]>();
    for (const event of traceEvents.filter(({ ph }) => ph === 'X')) {
      const thread = `${event.pid}/${event.tid}`;
      threads.set(thread, [...(threads.get(thread) ?? []), event]);
    }
    for (const slices of threads.values()) {
      const open: number[] = [];
      for (const { ts = 0, dur = 0 } of slices.sort(
        (a, b) => (a.ts ?? 0) - (b.ts ?? 0) || (b.dur ?? 0) - (a.dur ?? 0),
      )) {
        while (open.length > 0 && (open.at(-1) as number) <= ts) open.pop();
        expect(ts + dur).toBeLessThanOrEqual(open.at(-1) ?? Number.POSITIVE_INFINITY);
        open.push(ts + dur);
      }
    }
  });

  it('is JSON whatever the names are', () => {
    const names = [...new Set(HOSTILE)];
    const run = journal(names);
    for (const name of names) run.starts(0, name).builds(1, name);
    expect(trace(run).traceEvents.filter(({ name }) => name === 'process_name')).toHaveLength(names.length + 1);
  });
});
