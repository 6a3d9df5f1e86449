import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MAX_DURATION_MS, parseDelay, parseDuration } from '../../src/inputs/durations.js';

describe('parseDuration', () => {
  it.each([
    ['seconds', '30s', 30_000],
    ['minutes', '5m', 300_000],
    ['hours', '1h', 3_600_000],
    ['hours and minutes', '1h30m', 5_400_000],
    ['all units', '1h2m3s4ms', 3_723_004],
    ['milliseconds', '500ms', 500],
    ['minutes and milliseconds', '1m500ms', 60_500],
    ['plain seconds', '90', 90_000],
    ['the longest', `${MAX_DURATION_MS}ms`, MAX_DURATION_MS],
  ])('reads %s', (_, text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each([
    ['nothing', ''],
    ['zero', '0s'],
    ['a plain zero', '0'],
    ['a negative amount', '-5s'],
    ['a unit without an amount', 's'],
    ['an unknown unit', '5d'],
    ['units in the wrong order', '5s1m'],
    ['a unit twice', '1m2m'],
    ['a fraction', '1.5h'],
    ['an exponent', '1e3'],
    ['a space between', '5 m'],
    ['a newline at the end', '5m\n'],
    ['capital units', '5M'],
    ['more than a timer takes', `${MAX_DURATION_MS + 1}ms`],
    ['more digits than a number holds', '9'.repeat(400)],
  ])('refuses %s', (_, text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it('reads what any amounts of its units are written as', () => {
    const amount = fc.option(fc.nat(59), { nil: undefined });
    fc.assert(
      fc.property(
        fc.option(fc.nat(500), { nil: undefined }),
        amount,
        amount,
        fc.nat(999),
        (hours, minutes, seconds, ms) => {
          const parts = [hours, minutes, seconds, ms].map((value, at) =>
            value === undefined ? '' : `${value}${['h', 'm', 's', 'ms'][at]}`,
          );
          const total = (((hours ?? 0) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1000 + ms;
          expect(parseDelay(parts.join(''))).toBe(total);
          expect(parseDuration(parts.join(''))).toBe(total === 0 ? undefined : total);
        },
      ),
    );
  });

  it('takes the milliseconds that it gave', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: MAX_DURATION_MS }), (ms) => parseDuration(`${ms}ms`) === ms));
  });
});

describe('parseDelay', () => {
  it('may be zero', () => {
    expect(['0', '0s', '0ms', '0h0m'].map(parseDelay)).toEqual([0, 0, 0, 0]);
  });

  it('is a duration otherwise', () => {
    expect(['5s', '', 'soon'].map(parseDelay)).toEqual([5_000, undefined, undefined]);
  });
});
