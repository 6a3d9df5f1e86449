import { describe, expect, it } from '@jest/globals';
import { createMemoryGate } from '../../src/build/memory-gate.js';
import { imageSpec } from '../support/image-spec-factory.js';

const GIB = 1024 ** 3;

/** A gate before a machine of 8 GiB, of which a tenth is the reserve, and images that need so many GiB. */
function gate(peaks: Record<string, number>, availableGib: number | undefined, building: string[] = [], totalGib = 8) {
  const waits: (() => void)[] = [];
  let wakes = 0;
  const { mayStart, stop } = createMemoryGate({
    peakBytes: ({ name }) => (peaks[name] === undefined ? undefined : peaks[name] * GIB),
    vitals: () => ({
      ...(totalGib === 0 ? {} : { memoryBytes: totalGib * GIB }),
      ...(availableGib === undefined ? {} : { memoryAvailableBytes: availableGib * GIB }),
    }),
    building: () => building.map((name) => imageSpec({ name })),
    timer: (_ms, callback) => {
      waits.push(callback);
      return () => void waits.splice(0);
    },
    wake: () => {
      wakes += 1;
    },
  });
  return {
    may: (name: string, running: number) => mayStart(imageSpec({ name }), running),
    stop,
    waits,
    wakes: () => wakes,
  };
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
    ['holds nothing back on a machine of unknown size', [{ api: 4, web: 4 }, undefined, ['web'], 0], 1, true],
  ])('%s', (_name, of, running, expected) => {
    expect(gate(...of).may('api', running)).toBe(expected);
  });

  it('has what it holds back asked again, once at a time, and not after the end', () => {
    const { may, waits, wakes, stop } = gate({ api: 4, web: 4 }, 1);
    may('api', 1);
    may('web', 1);
    expect(waits).toHaveLength(1);
    waits[0]?.();
    expect(wakes()).toBe(1);
    stop();
    waits.splice(0);
    may('api', 1);
    expect(waits).toEqual([]);
  });
});
