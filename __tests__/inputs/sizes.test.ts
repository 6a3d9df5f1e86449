import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseSize } from '../../src/inputs/sizes.js';

describe('parseSize', () => {
  it.each([
    ['megabytes', '500MB', 500_000_000],
    ['mebibytes', '500MiB', 524_288_000],
    ['a unit without its B', '2G', 2_000_000_000],
    ['a binary unit without its B', '2Gi', 2_147_483_648],
    ['a fraction', '1.5GiB', 1_610_612_736],
    ['terabytes', '1TB', 1_000_000_000_000],
    ['a small letter', '10gb', 10_000_000_000],
    ['a space before the unit', '2 GiB', 2_147_483_648],
    ['plain bytes', '2000000000', 2_000_000_000],
    ['bytes with their unit', '4096B', 4_096],
  ])('reads %s', (_, text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each([
    ['nothing', ''],
    ['zero', '0'],
    ['zero with a unit', '0GiB'],
    ['less than a byte', '0.1B'],
    ['a share', '5%'],
    ['a negative size', '-1G'],
    ['an unknown unit', '5X'],
    ['a unit alone', 'GiB'],
    ['an exponent', '1e9'],
    ['a comma', '1,5G'],
    ['more than a number can hold', '9007199254740992'],
    ['two sizes', '1G 500M'],
  ])('refuses %s', (_, text) => {
    expect(parseSize(text)).toBeUndefined();
  });

  it('never gives anything but a whole number above zero, whatever it reads', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^\d{0,20}(\.\d{0,20})? ?[KMGTkmgt]?i?B?$/));
    fc.assert(
      fc.property(text, (one) => {
        const bytes = parseSize(one);
        expect(bytes === undefined || (Number.isSafeInteger(bytes) && bytes > 0)).toBe(true);
      }),
    );
  });
});
