import { formatDuration } from '../src/report/figures.js';
import type { AttemptData, ImageData } from '../src/report/html/report-data.js';
import { pixelOf } from './layout.js';
import { outcomeMark } from './outcomes.js';
import type { Row } from './rows.js';
import { drawGrid, drawIncidents, inPlot, type Scene } from './scene.js';
import type { Span } from './span.js';

export const ROW_HEIGHT = 26;
const BAR_TOP = 4;
const BAR_HEIGHT = ROW_HEIGHT - 2 * BAR_TOP;
const NOTCH_HEIGHT = 4;
const PADDING = 5;

/** The rows as they are scrolled to. */
export interface RowsView {
  rows: readonly Row[];
  /** Pixels that are scrolled away above. */
  top: number;
  /** Index of the row that keys act on. */
  active?: number;
  isOpen(image: number): boolean;
}

/** Draws the rows that are in sight: names at the left, waiting, attempts and hand-offs over time. */
export function drawRows(scene: Scene, view: RowsView): void {
  const { context, layout, theme, height } = scene;
  const first = Math.max(0, Math.floor(view.top / ROW_HEIGHT));
  const last = Math.min(view.rows.length - 1, Math.ceil((view.top + height) / ROW_HEIGHT));
  const inSight = view.rows.slice(first, last + 1).map((row, index) => ({
    row,
    index: first + index,
    y: (first + index) * ROW_HEIGHT - view.top,
  }));

  context.font = theme.font;
  context.textBaseline = 'middle';
  for (const { index, y } of inSight) {
    if (index % 2 === 1) continue;
    context.fillStyle = theme.row;
    context.fillRect(0, y, layout.gutter + layout.width + layout.right, ROW_HEIGHT);
  }
  inPlot(scene, () => {
    drawGrid(scene);
    for (const { row, y } of inSight) drawBars(scene, row, y);
    drawIncidents(scene);
  });
  for (const { row, index, y } of inSight) {
    drawName(scene, row, y, view.isOpen(row.image));
    if (index !== view.active) continue;
    context.strokeStyle = theme.accent;
    context.lineWidth = 2;
    context.strokeRect(1, y + 1, layout.gutter + layout.width + layout.right - 2, ROW_HEIGHT - 2);
  }
}

function drawName({ context, text, data, layout, theme }: Scene, row: Row, y: number, open: boolean): void {
  const image = data.images[row.image] as ImageData;
  const attempt = row.attempt === undefined ? undefined : image.attempts[row.attempt];
  const middle = y + ROW_HEIGHT / 2;
  const indent = attempt === undefined ? 8 : 26;
  if (attempt === undefined && image.attempts.length > 0) {
    context.fillStyle = theme.muted;
    text.write(open ? '▾' : '▸', indent, middle, 16);
  }
  const outcome = attempt?.outcome ?? image.outcome;
  context.fillStyle = theme.outcome(outcome);
  text.write(outcomeMark(outcome), indent + 16, middle, 18);
  context.fillStyle = attempt === undefined ? theme.text : theme.muted;
  const name = attempt === undefined ? image.name : `attempt ${attempt.number}: ${attempt.outcome}`;
  text.write(name, indent + 34, middle, layout.gutter - indent - 42);
}

function drawBars(scene: Scene, row: Row, y: number): void {
  const { context, data, theme } = scene;
  const image = data.images[row.image] as ImageData;
  if (row.attempt === undefined) {
    for (const wait of image.waits) drawWait(scene, wait, y);
    drawHandOffs(scene, image, y);
  }
  image.attempts.forEach((attempt, index) => {
    if (row.attempt !== undefined && row.attempt !== index) return;
    const place = placeOf(scene, attempt);
    if (place === undefined) return;
    context.fillStyle = theme.outcome(attempt.outcome);
    context.fillRect(place.x, y + BAR_TOP, place.width, BAR_HEIGHT);
    if (row.attempt === undefined) {
      drawSteps(scene, attempt, y, false);
      drawLabel(scene, attemptLabel(attempt, image), place, y);
    } else drawSteps(scene, attempt, y, true);
  });
}

/** Hollow, where an attempt is filled. */
function drawHandOffs(scene: Scene, image: ImageData, y: number): void {
  const { context, theme } = scene;
  for (const handOff of image.handOffs) {
    const place = placeOf(scene, handOff);
    if (place === undefined) continue;
    context.fillStyle = theme.outcome(handOff.outcome);
    context.fillRect(place.x, y + BAR_TOP, place.width, BAR_HEIGHT);
    context.fillStyle = theme.surface;
    context.fillRect(place.x + 1, y + BAR_TOP + 1, place.width - 2, BAR_HEIGHT - 2);
    context.fillStyle = theme.outcome(handOff.outcome);
    writeIn(scene, `→ ${handOff.to}`, place, y);
  }
}

function attemptLabel(attempt: AttemptData, image: ImageData): string {
  const number = image.attempts.length > 1 ? `${attempt.number}: ` : '';
  const outcome = attempt.outcome === 'success' ? '' : `${attempt.outcome} `;
  return `${number}${outcome}${formatDuration(attempt.until - attempt.from)}`;
}

/** Where one step ends and the next begins is a cut through the bar; in a row of its own each is named. */
function drawSteps(scene: Scene, attempt: AttemptData, y: number, named: boolean): void {
  const { context, theme } = scene;
  for (const step of attempt.steps) {
    const place = placeOf(scene, step);
    if (place === undefined) continue;
    if (step.from > attempt.from && place.width > 3) {
      // Under a label of the whole bar it is but a notch.
      const height = named ? BAR_HEIGHT : NOTCH_HEIGHT;
      context.fillStyle = theme.surface;
      context.fillRect(Math.round(place.x), y + BAR_TOP + BAR_HEIGHT - height, 1, height);
    }
    if (named) drawLabel(scene, `${step.step} ${step.text}${step.cached ? ' (cached)' : ''}`, place, y);
  }
}

function drawLabel(scene: Scene, label: string, place: Place, y: number): void {
  scene.context.fillStyle = scene.theme.onBar;
  writeIn(scene, label, place, y);
}

function writeIn({ text, layout }: Scene, label: string, place: Place, y: number): void {
  // A bar that begins left of the plot is labelled where it can be read.
  const x = Math.max(place.x, layout.gutter) + PADDING;
  text.write(label, x, y + ROW_HEIGHT / 2 + 0.5, place.x + place.width - x - PADDING);
}

function drawWait(scene: Scene, wait: Span, y: number): void {
  const place = placeOf(scene, wait);
  if (place === undefined) return;
  const { context, theme } = scene;
  context.strokeStyle = theme.wait;
  context.lineWidth = 2;
  context.setLineDash([2, 4]);
  context.beginPath();
  context.moveTo(place.x, y + ROW_HEIGHT / 2);
  context.lineTo(place.x + place.width, y + ROW_HEIGHT / 2);
  context.stroke();
  context.setLineDash([]);
}

interface Place {
  x: number;
  width: number;
}

/** Undefined when it is out of sight; what is short is still a pixel or two. */
function placeOf({ span, layout }: Scene, stretch: Span): Place | undefined {
  if (stretch.until < span.from || stretch.from > span.until) return undefined;
  const x = Math.max(-10, pixelOf(stretch.from, span, layout));
  const end = Math.min(layout.gutter + layout.width + 10, pixelOf(stretch.until, span, layout));
  return { x, width: Math.max(2, end - x) };
}
