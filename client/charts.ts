import uPlot from 'uplot';
import type { ChartData, ReportData, Unit } from '../src/report/html/report-data.js';
import { type ChartLegend, createChartLegend, describeChart, formatOf } from './chart-legend.js';
import { drawLines, drawShades } from './chart-marks.js';
import { byId, make } from './elements.js';
import type { Layout } from './layout.js';
import type { State } from './state.js';
import { readTheme, type Theme } from './theme.js';
import { tickLabel, ticks } from './ticks.js';
import { niceScale } from './value-axis.js';

const HEIGHT = 112;
const AXIS_WIDTH = 64;
const AXIS_HEIGHT = 20;
const TOP = 8;
const EDGE = 20;

export interface Charts {
  layOut(layout: Layout): void;
  point(at: number | undefined): void;
  /** Draws anew in the theme that is in force. */
  draw(): void;
}

interface DrawnChart {
  plot: uPlot;
  legend: ChartLegend;
}

/** The charts under the timeline: each a uPlot on the timeline's own time axis, with incidents as lines through it. */
export function createCharts(
  data: ReportData,
  state: State,
  onPoint: (at: number | undefined) => void,
  layout: Layout,
): Charts {
  const list = byId('charts');
  let theme: Theme = readTheme();
  let width = layout;
  const drawn = data.charts.map((chart) => drawChart(chart));
  state.onSpan(() => {
    for (const { plot } of drawn) showSpan(plot);
  });

  return {
    layOut(next) {
      if (next.gutter === width.gutter && next.width === width.width) return;
      width = next;
      for (const { plot } of drawn) {
        place(plot.root.parentElement as HTMLElement);
        plot.setSize(size());
      }
    },
    point(at) {
      for (const { plot, legend } of drawn) {
        const place = at === undefined ? { left: -10, top: -10 } : { left: plot.valToPos(at, 'x'), top: 0 };
        plot.setCursor(place, false);
        legend.show(at);
      }
    },
    draw() {
      theme = readTheme();
      for (const { plot } of drawn) plot.redraw(false, true);
    },
  };

  function drawChart(chart: ChartData): DrawnChart {
    const at = chart.at ?? data.sampledAt;
    const area = make('div', { class: 'plot' });
    const legend = createChartLegend(chart, at);
    const figure = make(
      'div',
      { class: 'chart', role: 'group', 'aria-label': describeChart(chart) },
      legend.element,
      area,
    );
    list.append(figure);
    place(area);
    const plot = new uPlot(options(chart), [at, ...chart.series.map(({ values: all }) => all)], area);
    showSpan(plot);
    return { plot, legend };
  }

  function place(area: HTMLElement): void {
    area.style.marginLeft = `${width.gutter - AXIS_WIDTH}px`;
  }

  function size(): { width: number; height: number } {
    return { width: AXIS_WIDTH + width.width + width.right, height: HEIGHT };
  }

  function showSpan(plot: uPlot): void {
    const { from, until } = state.span();
    plot.setScale('x', { min: from, max: until });
  }

  function options(chart: ChartData): uPlot.Options {
    const axis: uPlot.Axis = {
      stroke: () => theme.muted,
      grid: { stroke: () => theme.line, width: 1 },
      ticks: { show: false },
      font: theme.font.replace('12px', '11px'),
      gap: 4,
    };
    const split = () => ticks(state.span(), width.width);
    const top = niceScale(chart);
    return {
      ...size(),
      padding: [TOP, width.right, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { size: 6 }, drag: { x: true, y: false, setScale: false } },
      scales: { x: { time: false, auto: false }, y: { range: () => [0, top.most] } },
      axes: [
        { ...axis, size: AXIS_HEIGHT, splits: split, values: (plot, times) => labels(plot, times) },
        { ...axis, size: AXIS_WIDTH, splits: () => top.splits, values: (_, all) => all.map(axisFormat(chart.unit)) },
      ],
      series: [
        {},
        ...chart.series.map(({ name }, index): uPlot.Series => {
          const stepped = chart.at !== undefined && uPlot.paths.stepped?.({ align: 1 });
          return {
            label: name,
            stroke: () => theme.series[index] ?? theme.text,
            width: 1.5,
            points: { show: chart.at === undefined && data.sampledAt.length < 3 },
            ...(stepped ? { paths: stepped } : {}),
            ...(index === 0 ? { fill: () => `${theme.series[0]}2b` } : {}),
          };
        }),
      ],
      hooks: {
        drawClear: [(plot) => drawShades(plot, data.incidents, theme)],
        draw: [(plot) => drawLines(plot, data.incidents, theme)],
        setCursor: [moved],
        setSelect: [selected],
      },
    };
  }

  /** At the left edge a label would lie over that of the value axis; the timeline's axis has it. */
  function labels(plot: uPlot, times: number[]): string[] {
    const apart = (times[1] ?? 0) - (times[0] ?? 0);
    return times.map((at) => (plot.valToPos(at, 'x') < EDGE ? '' : tickLabel(at, apart || 1_000)));
  }

  /** Only the chart under the pointer tells; the others are told. */
  function moved(plot: uPlot): void {
    const { left, event } = plot.cursor;
    if (event === undefined || event === null) return;
    onPoint(left === undefined || left === null || left < 0 ? undefined : plot.posToVal(left, 'x'));
  }

  function selected(plot: uPlot): void {
    const { left, width: pixels } = plot.select;
    if (pixels < 4) return;
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    state.show({ from: plot.posToVal(left, 'x'), until: plot.posToVal(left + pixels, 'x') });
  }
}

/** As values are written, but short: on an axis they are round. */
function axisFormat(unit: Unit): (value: number) => string {
  return (value) => (value === 0 ? '0' : formatOf(unit)(value).replace('.0 ', ' '));
}
