import { formatBytes, formatCount, formatPercent } from '../src/report/figures.js';
import type { ChartData, Unit } from '../src/report/html/report-data.js';
import { make } from './elements.js';

/** A chart's name and its series, with their values at a time. */
export interface ChartLegend {
  element: HTMLElement;
  /** Shows the values at this time, or else the peaks. */
  show(at: number | undefined): void;
}

/** The legend of a chart whose values are of these times. */
export function createChartLegend(chart: ChartData, times: readonly number[]): ChartLegend {
  const values = chart.series.map(() => make('output', { class: 'value' }));
  const write = formatOf(chart.unit);
  const peaks = chart.series.map((series) => peakOf(series.values));
  const legend: ChartLegend = {
    element: make(
      'div',
      { class: 'legend' },
      make('h3', {}, chart.title),
      chart.note === undefined ? undefined : make('p', {}, chart.note),
      ...chart.series.map(({ name }, index) =>
        make('div', { class: 'entry' }, make('i', { class: `tone-${index + 1}` }), `${name} `, values[index]),
      ),
    ),
    show(at) {
      const index = at === undefined ? undefined : indexOf(times, at, chart.at !== undefined);
      chart.series.forEach((series, place) => {
        const value = index === undefined ? peaks[place] : series.values[index];
        const text = value === null || value === undefined ? '-' : write(value);
        (values[place] as HTMLElement).textContent = index === undefined ? `peak ${text}` : text;
      });
    },
  };
  legend.show(undefined);
  return legend;
}

/** The chart in a sentence, for those who do not see it. */
export function describeChart({ title, series, unit }: ChartData): string {
  const peaks = series.map(({ name, values }) => `${name} peak ${formatOf(unit)(peakOf(values) ?? 0)}`);
  return `${title}: ${peaks.join(', ')}`;
}

/** How values of a unit are written. */
export function formatOf(unit: Unit): (value: number) => string {
  return unit === 'percent' ? formatPercent : unit === 'bytes' ? formatBytes : formatCount;
}

function peakOf(values: readonly (number | null)[]): number | undefined {
  return values.reduce<number | undefined>(
    (peak, value) => (value === null ? peak : Math.max(peak ?? value, value)),
    undefined,
  );
}

/** The sample at a time: the nearest one, or, of values that hold until the next, the last one before. */
function indexOf(at: readonly number[], time: number, holds: boolean): number | undefined {
  let low = 0;
  let high = at.length - 1;
  if (high < 0) return undefined;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((at[middle] as number) <= time) low = middle;
    else high = middle - 1;
  }
  if (holds) return low;
  const next = at[low + 1];
  return next !== undefined && next - time < time - (at[low] as number) ? low + 1 : low;
}
