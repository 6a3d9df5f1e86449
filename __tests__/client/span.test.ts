import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { layoutFor, pixelOf, timeAt } from '../../client/layout.js';
import { panned, within, zoomed } from '../../client/span.js';
import { tickLabel, ticks } from '../../client/ticks.js';

const WHOLE = { from: 0, until: 100_000 };

describe('a span', () => {
  it('zooms about the time that is pointed at, which stays where it is', () => {
    expect(zoomed(WHOLE, 0.5, 25_000, WHOLE)).toEqual({ from: 12_500, until: 62_500 });
    expect(zoomed({ from: 12_500, until: 62_500 }, 2, 25_000, WHOLE)).toEqual(WHOLE);
  });

  it('moves by a share of its length, as far as the run goes', () => {
    expect(panned({ from: 10_000, until: 20_000 }, 0.5, WHOLE)).toEqual({ from: 15_000, until: 25_000 });
    expect(panned({ from: 10_000, until: 20_000 }, -5, WHOLE)).toEqual({ from: 0, until: 10_000 });
  });

  it('lies within the run and has a length, whatever is asked for', () => {
    const time = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(time, time, fc.double({ min: 1, max: 1e5, noNaN: true }), (a, b, length) => {
        const whole = { from: 0, until: length };
        const { from, until } = within({ from: a, until: b }, whole);
        expect(from).toBeGreaterThanOrEqual(0);
        expect(until).toBeLessThanOrEqual(length + 1e-6);
        expect(until).toBeGreaterThan(from);
      }),
    );
  });
});

describe('the layout', () => {
  it('finds the time of a pixel, and the pixel of a time', () => {
    const layout = layoutFor(1_000);
    const span = { from: 5_000, until: 9_000 };
    expect(timeAt(pixelOf(6_000, span, layout), span, layout)).toBeCloseTo(6_000);
    expect(layout.gutter + layout.width + layout.right).toBe(1_000);
  });
});

describe('ticks', () => {
  it.each([
    [{ from: 0, until: 120_000 }, 800, ['0:00', '0:15', '0:30', '0:45', '1:00', '1:15', '1:30', '1:45', '2:00']],
    [{ from: 0, until: 3_600_000 }, 500, ['0:00', '15:00', '30:00', '45:00', '1:00:00']],
    [{ from: 1_000, until: 1_400 }, 400, ['0:01.0', '0:01.1', '0:01.2', '0:01.3', '0:01.4']],
    [{ from: 59_990, until: 60_010 }, 400, ['0:59.990', '0:59.995', '1:00.000', '1:00.005', '1:00.010']],
  ])('of %j on %i pixels are round', (span, pixels, labels) => {
    const times = ticks(span, pixels);
    expect(times.map((at) => tickLabel(at, (times[1] ?? 0) - (times[0] ?? 0)))).toEqual(labels);
  });

  it('stay apart for runs of any length', () => {
    for (const until of [1, 50, 9_999, 86_400_000, 1e12])
      expect(ticks({ from: 0, until }, 900).length).toBeLessThanOrEqual(12);
  });
});
