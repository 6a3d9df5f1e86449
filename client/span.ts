/** A stretch of time, milliseconds since the run began. */
export interface Span {
  from: number;
  until: number;
}

/** Closer than this there is nothing to see: the journal's times are milliseconds. */
const SHORTEST_MS = 20;

/** The span made shorter (factor below 1) or longer around a time that stays where it is, within the whole. */
export function zoomed(span: Span, factor: number, around: number, whole: Span): Span {
  const length = (span.until - span.from) * factor;
  const share = (around - span.from) / (span.until - span.from);
  const from = around - length * share;
  return within({ from, until: from + length }, whole);
}

/** The span moved by a share of its length, within the whole. */
export function panned(span: Span, share: number, whole: Span): Span {
  const by = (span.until - span.from) * share;
  return within({ from: span.from + by, until: span.until + by }, whole);
}

/** The span, no shorter than can be seen, moved and cut so that it lies in the whole. */
export function within(span: Span, whole: Span): Span {
  const most = whole.until - whole.from;
  const length = Math.min(most, Math.max(span.until - span.from, Math.min(SHORTEST_MS, most)));
  const from = Math.min(Math.max(span.from, whole.from), whole.until - length);
  return { from, until: from + length };
}
