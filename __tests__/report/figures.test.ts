import { describe, expect, it } from '@jest/globals';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
  orNotAvailable,
  plural,
} from '../../src/report/figures.js';

describe('figures', () => {
  it.each([
    [0, '0.0s'],
    [-5, '0.0s'],
    [4_210, '4.2s'],
    [59_949, '59.9s'],
    [59_950, '1m 00s'],
    [83_400, '1m 23s'],
    [3_599_600, '1h 00m 00s'],
    [3_723_000, '1h 02m 03s'],
  ])('writes %d ms as %s', (ms, written) => {
    expect(formatDuration(ms)).toBe(written);
  });

  it.each([
    [0, '0 B'],
    [1_023, '1023 B'],
    [1_024, '1.0 KiB'],
    [1_048_575, '1.0 MiB'],
    [133_955_584, '127.8 MiB'],
    [1.2 * 1024 ** 3, '1.2 GiB'],
    [5 * 1024 ** 5, '5120.0 TiB'],
  ])('writes %d bytes as %s', (bytes, written) => {
    expect(formatBytes(bytes)).toBe(written);
  });

  it('writes shares, counts and what is not there', () => {
    expect(formatPercent(37.4)).toBe('37%');
    expect(formatCount(1_234_567)).toBe('1,234,567');
    expect([plural(1, 'retry', 'retries'), plural(2, 'retry', 'retries')]).toEqual(['1 retry', '2 retries']);
    expect(orNotAvailable(undefined, formatBytes)).toBe('not available');
    expect(orNotAvailable(0, formatBytes)).toBe('0 B');
  });
});
