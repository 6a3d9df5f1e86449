import { pixelOf } from './layout.js';
import { drawGrid, drawIncidents, inPlot, type Scene } from './scene.js';
import { tickLabel, ticks } from './ticks.js';

const AXIS_HEIGHT = 22;
const FLAG_HEIGHT = 20;
const LANE_HEIGHT = 34;
const LABEL_HEIGHT = 18;
const FLAG_GAP = 4;

/** What the head of the timeline holds: the axis, flags where there are incidents, and the lane; in CSS pixels. */
export interface Head {
  flagsTop: number;
  laneTop: number;
  height: number;
}

/** How the head is divided. */
export function headOf(incidents: number): Head {
  const laneTop = AXIS_HEIGHT + (incidents > 0 ? FLAG_HEIGHT : 0);
  return { flagsTop: AXIS_HEIGHT, laneTop, height: laneTop + LANE_HEIGHT };
}

/** Draws the axis, the incidents' flags and the lane. */
export function drawHead(scene: Scene, head: Head): void {
  const { context, theme } = scene;
  context.font = theme.font;
  context.textBaseline = 'middle';
  drawNames(scene, head);
  drawAxis(scene);
  inPlot(scene, () => {
    context.save();
    context.translate(0, AXIS_HEIGHT);
    drawGrid(scene);
    context.restore();
    drawLanes(scene, head);
    context.save();
    context.translate(0, AXIS_HEIGHT);
    drawIncidents(scene);
    context.restore();
    if (head.laneTop > head.flagsTop) drawFlags(scene, head);
  });
}

function drawNames({ context, text, layout, theme }: Scene, head: Head): void {
  context.fillStyle = theme.muted;
  text.write('Time since the start', 8, AXIS_HEIGHT / 2, layout.gutter - 12);
  if (head.laneTop > head.flagsTop) text.write('Incidents', 8, head.flagsTop + FLAG_HEIGHT / 2, layout.gutter - 12);
  text.write('Lane (attempts at once)', 8, head.laneTop + LANE_HEIGHT / 2, layout.gutter - 12);
}

function drawAxis({ context, span, layout, theme }: Scene): void {
  const times = ticks(span, layout.width);
  const apart = (times[1] ?? span.until) - (times[0] ?? span.from);
  context.fillStyle = theme.muted;
  const right = layout.gutter + layout.width + layout.right;
  for (const at of times) {
    const label = tickLabel(at, apart);
    const half = context.measureText(label).width / 2;
    const middle = Math.min(right - half, Math.max(layout.gutter + half - 2, pixelOf(at, span, layout)));
    context.fillText(label, middle - half, AXIS_HEIGHT / 2);
  }
}

/** The lane as a staircase: as high as it is wide. */
function drawLanes({ context, text, data, span, layout, theme }: Scene, head: Head): void {
  const most = LANE_HEIGHT - 10;
  for (const { from, until, lane, mode } of data.lanes) {
    if (until < span.from || from > span.until) continue;
    const [start, end] = [pixelOf(from, span, layout), pixelOf(until, span, layout)];
    const height = Math.max(4, (most * lane) / data.widestLane);
    const bottom = head.laneTop + LANE_HEIGHT - 2;
    context.fillStyle = theme.lane(mode);
    context.globalAlpha = 0.28;
    context.fillRect(start, bottom - height, end - start, height);
    context.globalAlpha = 1;
    context.fillRect(start, bottom - height, end - start, 2);
    context.fillStyle = theme.text;
    const x = Math.max(start, layout.gutter) + 5;
    // In the step where it is high enough, else upon it.
    const middle = height < LABEL_HEIGHT ? bottom - height - LABEL_HEIGHT / 2 + 2 : bottom - height / 2 + 1;
    text.write(`${lane} ${mode}`, x, middle, end - x - 4);
  }
}

/** Flags that would lie over each other are left out; their lines are drawn all the same. */
function drawFlags({ context, data, span, layout, theme }: Scene, head: Head): void {
  let free = Number.NEGATIVE_INFINITY;
  for (const { number, from } of data.incidents) {
    if (from < span.from || from > span.until) continue;
    const label = `↯ ${number}`;
    const width = context.measureText(label).width + 8;
    // At the right edge the flag flies to the left.
    const pole = pixelOf(from, span, layout);
    const x = Math.min(pole - 1, layout.gutter + layout.width - width);
    if (x < free) continue;
    free = x + width + FLAG_GAP;
    context.fillStyle = theme.incident;
    context.fillRect(x, head.flagsTop + 2, width, FLAG_HEIGHT - 5);
    context.fillStyle = theme.onBar;
    context.fillText(label, x + 4, head.flagsTop + FLAG_HEIGHT / 2);
  }
}
