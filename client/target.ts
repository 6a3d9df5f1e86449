import type { ReportData } from '../src/report/html/report-data.js';
import { type Layout, pixelOf } from './layout.js';
import type { Row } from './rows.js';
import type { Span } from './span.js';

/** Something in the timeline that can be pointed at; numbers are indexes into the report's lists. */
export type Target =
  | { kind: 'name'; image: number }
  | { kind: 'attempt'; image: number; attempt: number; step?: number }
  | { kind: 'hand-off'; image: number; handOff: number }
  | { kind: 'wait'; image: number; wait: number }
  | { kind: 'lane'; lane: number }
  | { kind: 'incident'; incident: number };

/** What is drawn so near a pixel counts as pointed at. */
const NEAR_PIXELS = 3;

/** What of a row is at this pixel from the left. */
export function rowTarget(
  row: Row,
  pixel: number,
  view: { data: ReportData; span: Span; layout: Layout },
): Target | undefined {
  const { data, layout } = view;
  const image = data.images[row.image];
  if (image === undefined) return undefined;
  if (pixel < layout.gutter)
    return row.attempt === undefined
      ? { kind: 'name', image: row.image }
      : { kind: 'attempt', image: row.image, attempt: row.attempt };
  const attempt = indexAt(image.attempts, pixel, view, row.attempt);
  if (attempt !== undefined) {
    const step = indexAt(image.attempts[attempt]?.steps ?? [], pixel, view);
    return { kind: 'attempt', image: row.image, attempt, ...(step === undefined ? {} : { step }) };
  }
  const handOff = row.attempt === undefined ? indexAt(image.handOffs, pixel, view) : undefined;
  if (handOff !== undefined) return { kind: 'hand-off', image: row.image, handOff };
  const wait = row.attempt === undefined ? indexAt(image.waits, pixel, view) : undefined;
  return wait === undefined ? undefined : { kind: 'wait', image: row.image, wait };
}

/** The incident whose mark is at this pixel, the nearest of them. */
export function incidentAt(
  pixel: number,
  view: { data: ReportData; span: Span; layout: Layout },
  near = 6,
): number | undefined {
  const distances = view.data.incidents.map(({ from }) => Math.abs(pixelOf(from, view.span, view.layout) - pixel));
  const least = Math.min(...distances);
  return least <= near ? distances.indexOf(least) : undefined;
}

/** The last of the stretches that is at this pixel; a short one counts a little beyond its ends. */
export function indexAt(
  stretches: readonly Span[],
  pixel: number,
  { span, layout }: { span: Span; layout: Layout },
  only?: number,
): number | undefined {
  const near = stretches.map(({ from, until }, index) => {
    if (only !== undefined && only !== index) return Number.POSITIVE_INFINITY;
    const [start, end] = [pixelOf(from, span, layout), pixelOf(until, span, layout)];
    return pixel < start ? start - pixel : pixel > end ? pixel - end : 0;
  });
  const least = Math.min(...near);
  return least <= NEAR_PIXELS ? near.lastIndexOf(least) : undefined;
}
