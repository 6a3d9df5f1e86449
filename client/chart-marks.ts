import uPlot from 'uplot';
import type { IncidentData } from '../src/report/html/report-data.js';
import type { Theme } from './theme.js';

/** Shades the times in which the engine was dead; drawn before the values. */
export function drawShades(plot: uPlot, incidents: readonly IncidentData[], theme: Theme): void {
  inPlot(plot, ({ top, height }) => {
    plot.ctx.fillStyle = theme.incidentBand;
    for (const { from, until } of incidents) {
      const start = plot.valToPos(from, 'x', true);
      plot.ctx.fillRect(start, top, plot.valToPos(until, 'x', true) - start, height);
    }
  });
}

/** A line through the chart for each incident; drawn over the values. */
export function drawLines(plot: uPlot, incidents: readonly IncidentData[], theme: Theme): void {
  inPlot(plot, ({ top, height }) => {
    plot.ctx.fillStyle = theme.incident;
    for (const { from } of incidents)
      plot.ctx.fillRect(Math.round(plot.valToPos(from, 'x', true)) - uPlot.pxRatio, top, 2 * uPlot.pxRatio, height);
  });
}

function inPlot(plot: uPlot, draw: (box: uPlot.BBox) => void): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  draw(bbox);
  ctx.restore();
}
