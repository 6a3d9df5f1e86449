import type { ReportData } from '../src/report/html/report-data.js';
import { type Choice, chooseImages, firstChoice, type Row, rowsOf } from './rows.js';
import { type Span, within } from './span.js';

/** What the reader has chosen to see, and who is told when it changes. */
export interface State {
  whole: Span;
  span(): Span;
  show(span: Span): void;
  choice(): Choice;
  choose(change: Partial<Choice>): void;
  /** Indexes of the images that are chosen. */
  images(): readonly number[];
  rows(): readonly Row[];
  isOpen(image: number): boolean;
  toggle(image: number): void;
  onSpan(listener: () => void): void;
  onRows(listener: () => void): void;
}

/** Begins with the whole run and all images. */
export function createState(data: ReportData): State {
  const whole = { from: 0, until: Math.max(1, data.durationMs) };
  const open = new Set<number>();
  const spanListeners: (() => void)[] = [];
  const rowListeners: (() => void)[] = [];
  let span: Span = whole;
  let choice = firstChoice(data.images);
  let images = chooseImages(data.images, choice);
  let rows = rowsOf(data.images, images, open);

  return {
    whole,
    span: () => span,
    show(wanted) {
      span = within(wanted, whole);
      for (const listener of spanListeners) listener();
    },
    choice: () => choice,
    choose(change) {
      choice = { ...choice, ...change };
      images = chooseImages(data.images, choice);
      tellRows();
    },
    images: () => images,
    rows: () => rows,
    isOpen: (image) => open.has(image),
    toggle(image) {
      if (!open.delete(image)) open.add(image);
      tellRows();
    },
    onSpan: (listener) => {
      spanListeners.push(listener);
    },
    onRows: (listener) => {
      rowListeners.push(listener);
    },
  };

  function tellRows(): void {
    rows = rowsOf(data.images, images, open);
    for (const listener of rowListeners) listener();
  }
}
