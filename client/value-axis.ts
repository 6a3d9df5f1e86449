import type { ChartData, Unit } from '../src/report/html/report-data.js';

/** The end of a value axis, and where its lines are: nought, the middle and the end. */
export interface ValueScale {
  most: number;
  splits: number[];
}

/** A scale from nought to a round number that all values are below. */
export function niceScale({ series, most, unit }: ChartData): ValueScale {
  let peak = most ?? 0;
  for (const { values } of series) for (const value of values) if (value !== null && value > peak) peak = value;
  const top = roundUp(peak, unit);
  return { most: top, splits: unit === 'count' && top % 2 === 1 ? [0, top] : [0, top / 2, top] };
}

/** Halves of these are round too. Bytes go by powers of two, as their units do. */
function roundUp(peak: number, unit: Unit): number {
  if (peak <= 0) return 1;
  if (unit === 'count' && peak <= 2) return peak;
  if (unit === 'bytes') {
    const power = 2 ** Math.floor(Math.log2(peak));
    return [1, 1.5, 2].map((step) => step * power).find((top) => top >= peak) ?? 2 * power;
  }
  const power = 10 ** Math.floor(Math.log10(peak));
  const top = ([1, 1.5, 2, 3, 4, 5, 6, 8].find((step) => step * power >= peak) ?? 10) * power;
  return unit === 'count' ? Math.ceil(top) : top;
}
