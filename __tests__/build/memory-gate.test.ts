import { describe, expect, it } from '@jest/globals';
import { createMemoryGate } from '../../src/build/memory-gate.js';
import { imageSpec } from '../support/image-spec-factory.js';

const GIB = 1024 ** 3;

/** A gate before a machine of 8 GiB, of which a tenth is the reserve, and images that need so many GiB. */
function gate(peaks: Record<string, number>, availableGib: number | undefined, building: string[] = [], totalGib = 8) {
  const clock = { at: 100_000 };
  const timers: { ms: number; callback(): void }[] = [];
  let wakes = 0;
  const { mayStart, stop } = createMemoryGate({
    peakBytes: ({ name }) => (peaks[name] === undefined ? undefined : peaks[name] * GIB),
    vitals: () => ({
      ...(totalGib === 0 ? {} : { memoryBytes: totalGib * GIB }),
      ...(availableGib === undefined ? {} : { memoryAvailableBytes: availableGib * GIB }),
    }),
    building: () => building.map((name) => imageSpec({ name })),
    now: () => clock.at,
    timer: (ms, callback) => {
      const timer = { ms, callback };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
    wake: () => {
      wakes += 1;
    },
  });
  const fire = (afterMs: number) => {
    const due = timers.filter(({ ms }) => ms === afterMs);
    for (const timer of due) {
      timers.splice(timers.indexOf(timer), 1);
      timer.callback();
    }
    return due.length;
  };
  const may = (name: string, running: number) => mayStart(imageSpec({ name }), running);
  return { may, stop, fire, timers, clock, wakes: () => wakes };
}

describe('the memory gate', () => {
  it.each<[string, Parameters<typeof gate>, number, boolean]>([
    ['lets a build in that there is memory for', [{ api: 4 }, 6], 1, true],
    ['holds a build back that there is none for', [{ api: 4 }, 4], 1, false],
    ['holds nothing back where nothing runs', [{ api: 40 }, 1], 0, true],
    ['holds nothing back that nobody knows anything of', [{}, 0], 1, true],
    ['counts what those that run have not come to need yet', [{ api: 4, web: 4 }, 7, ['web']], 1, false],
    [
      'goes by what images need where nobody tells what is available',
      [{ api: 4, web: 4 }, undefined, ['web']],
      1,
      false,
    ],
    ['lets in there what fits beside the others', [{ api: 4, web: 3 }, undefined, ['web']], 1, true],
  ])('%s', (_name, of, running, expected) => {
    expect(gate(...of).may('api', running)).toBe(expected);
  });

  it('has what it holds back asked again, once at a time, and not after the end', () => {
    const { may, fire, wakes, stop, timers } = gate({ api: 4, web: 4 }, 1);
    may('api', 1);
    may('web', 1);
    expect(fire(1_000)).toBe(1);
    expect(wakes()).toBe(1);
    may('api', 1);
    stop();
    expect(timers).toEqual([]);
    may('api', 1);
    expect(timers).toEqual([]);
  });

  it('counts what was let in a moment ago against what is available', () => {
    const building: string[] = [];
    const { may, clock } = gate({ api: 2, web: 2, db: 2 }, 5, building, 16);
    expect(may('api', 0)).toBe(true);
    building.push('api');
    expect(may('web', 1)).toBe(false);
    clock.at += 10_000;
    // By now what it has taken is not available any more.
    expect(may('web', 1)).toBe(true);
  });

  it('lets in what every machine has room for before it is known how large this one is', () => {
    const { may } = gate({ api: 0.3, web: 0.3, db: 0.1 }, undefined, ['web'], 0);
    expect([may('api', 1), may('db', 1)]).toEqual([false, true]);
  });

  it('waits a moment until it is known how large the machine is, and no longer', () => {
    const { may, fire, wakes } = gate({ api: 4, web: 4 }, undefined, ['web'], 0);
    expect([may('api', 0), may('unknown', 1), may('api', 1)]).toEqual([true, true, false]);
    expect(fire(100)).toBe(1);
    expect(may('api', 1)).toBe(false);
    fire(2_000);
    expect(wakes()).toBe(2);
    expect(may('api', 1)).toBe(true);
  });
});
