import type { ReportData } from '../src/report/html/report-data.js';
import type { TextDrawer } from './draw-text.js';
import { type Layout, pixelOf } from './layout.js';
import type { Span } from './span.js';
import type { Theme } from './theme.js';
import { ticks } from './ticks.js';

/** What every drawing needs to know. */
export interface Scene {
  context: CanvasRenderingContext2D;
  text: TextDrawer;
  data: ReportData;
  span: Span;
  layout: Layout;
  theme: Theme;
  height: number;
}

/** Restricts drawing to the plot, so that nothing is drawn over names. */
export function inPlot(scene: Scene, draw: () => void): void {
  const { context, layout, height } = scene;
  context.save();
  context.beginPath();
  context.rect(layout.gutter, 0, layout.width + 1, height);
  context.clip();
  draw();
  context.restore();
}

/** Lines at round times. */
export function drawGrid({ context, span, layout, theme, height }: Scene): void {
  context.fillStyle = theme.line;
  for (const at of ticks(span, layout.width)) context.fillRect(Math.round(pixelOf(at, span, layout)), 0, 1, height);
}

/** Each incident as a line where the engine died, and a shade for as long as it was dead. */
export function drawIncidents({ context, data, span, layout, theme, height }: Scene): void {
  for (const { from, until } of data.incidents) {
    if (until < span.from || from > span.until) continue;
    const [start, end] = [pixelOf(from, span, layout), pixelOf(until, span, layout)];
    context.fillStyle = theme.incidentBand;
    context.fillRect(start, 0, end - start, height);
    context.fillStyle = theme.incident;
    context.fillRect(Math.round(start) - 1, 0, 2, height);
  }
}
