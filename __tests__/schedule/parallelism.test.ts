import { describe, expect, it } from '@jest/globals';
import { autoParallelism } from '../../src/schedule/parallelism.js';

const GIB = 2 ** 30;
const peaks = (...gibibytes: (number | undefined)[]) =>
  gibibytes.map((size) => (size === undefined ? undefined : size * GIB));

describe('max-parallel: auto', () => {
  it.each([
    ['the machine that crashed: 6 CPUs and 7 GB', { cpus: 6, memoryBytes: 7 * GIB }, peaks(4, 3, 2), 1],
    ['light images on the same machine', { cpus: 6, memoryBytes: 7 * GIB }, peaks(1, 1, 1), 3],
    ['images that nothing is known of', { cpus: 6, memoryBytes: 7 * GIB }, peaks(undefined, undefined, undefined), 3],
    ['few CPUs', { cpus: 2, memoryBytes: 64 * GIB }, peaks(1, 1, 1), 1],
    ['one image that fits nowhere', { cpus: 8, memoryBytes: 4 * GIB }, peaks(16), 1],
    ['no more than there are images', { cpus: 64, memoryBytes: 512 * GIB }, peaks(1, 1), 2],
    ['a machine that does not tell its memory', { cpus: 8 }, peaks(1, 1, 1, 1, 1), 4],
    ['a machine that tells nothing', {}, peaks(1, 1, 1), 2],
  ])('%s', (_, machine, expected, limit) => {
    expect(autoParallelism(machine, expected).limit).toBe(limit);
  });

  it('says why in one line', () => {
    expect(autoParallelism({ cpus: 6, memoryBytes: 12.5 * GIB }, peaks(4, undefined, 2)).why).toBe(
      '6 CPUs for 3, 12.5 GiB of memory for 3 of the largest (2 of 3 known)',
    );
  });
});
