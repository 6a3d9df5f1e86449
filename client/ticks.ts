import type { Span } from './span.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 6, 12, 24, 48, 96, 192].map((hours) => hours * HOUR),
];
const PIXELS_APART = 84;

/** Round times within the span, so many that their labels stay apart on so many pixels. */
export function ticks(span: Span, pixels: number): number[] {
  const least = ((span.until - span.from) * PIXELS_APART) / Math.max(1, pixels);
  const step = STEPS.find((candidate) => candidate >= least) ?? least;
  const all: number[] = [];
  for (let at = Math.ceil(span.from / step) * step; at <= span.until; at += step) all.push(at);
  return all;
}

/** A time as `3:07`, `1:02:03`, or with as many decimals as the distance between ticks needs. */
export function tickLabel(at: number, apart: number): string {
  const decimals = apart >= SECOND ? 0 : apart >= 100 ? 1 : apart >= 10 ? 2 : 3;
  const [hours, minutes] = [Math.floor(at / HOUR), Math.floor((at % HOUR) / MINUTE)];
  const seconds = ((at % MINUTE) / SECOND).toFixed(decimals).padStart(decimals === 0 ? 2 : 3 + decimals, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}` : `${minutes}:${seconds}`;
}
