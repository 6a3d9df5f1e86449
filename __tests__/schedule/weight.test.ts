import { describe, expect, it } from '@jest/globals';
import { expectedDurations } from '../../src/schedule/weight.js';

const MIB = 2 ** 20;

describe('how long images are expected to take', () => {
  it('is what they took before', () => {
    expect(expectedDurations([{ name: 'api', expectedMs: 1_234, contextBytes: 500 * MIB }]).get('api')).toBe(1_234);
  });

  it('is more for a larger context, and for more instructions', () => {
    const guesses = expectedDurations([
      { name: 'small', contextBytes: MIB, instructions: 5 },
      { name: 'large', contextBytes: 900 * MIB, instructions: 5 },
      { name: 'long', contextBytes: MIB, instructions: 30 },
      { name: 'nothing known' },
    ]);
    const [small, large, long, unknown] = [...guesses.values()] as [number, number, number, number];
    expect(large).toBeGreaterThan(small);
    expect(long).toBeGreaterThan(small);
    expect(unknown).toBeGreaterThan(0);
  });

  it('is guessed in the measure of the images that are known', () => {
    const guess = (expectedMs: number) =>
      expectedDurations([
        { name: 'known', expectedMs, instructions: 10 },
        { name: 'new', instructions: 20 },
      ]).get('new');
    expect(guess(60_000)).toBe(120_000);
    expect(guess(6_000)).toBe(12_000);
  });
});
