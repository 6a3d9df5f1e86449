import type { Span } from './span.js';

/** Where the plots lie in the page's width, the same for the timeline and every chart. */
export interface Layout {
  /** Left of it names and scales are written. */
  gutter: number;
  /** Of the plot. */
  width: number;
  /** Free at the right, so that the last label is whole. */
  right: number;
}

const RIGHT = 16;
/** With less there is no room for the charts' names beside them. */
const WIDE = 760;

/** The layout for so many pixels of width. */
export function layoutFor(pixels: number): Layout {
  const gutter = pixels < WIDE ? 120 : Math.round(Math.min(250, Math.max(210, pixels * 0.22)));
  return { gutter, width: Math.max(50, pixels - gutter - RIGHT), right: RIGHT };
}

/** The pixel from the left at which a time is drawn. */
export function pixelOf(at: number, span: Span, layout: Layout): number {
  return layout.gutter + ((at - span.from) / (span.until - span.from)) * layout.width;
}

/** The time that is drawn at a pixel from the left. */
export function timeAt(pixel: number, span: Span, layout: Layout): number {
  return span.from + ((pixel - layout.gutter) / layout.width) * (span.until - span.from);
}
