import type { RunReport, Sample } from '../journal/run-report.js';
import { formatDuration } from './figures.js';
import { fence } from './markdown.js';
import { runMs } from './wall-time.js';

/** Points of a chart: what a summary's width can show. */
const MOST_POINTS = 60;
/** One sample is a point and no line. */
const LEAST_SAMPLES = 3;

interface Chart {
  title: string;
  unit: string;
  /** Each a line, drawn in this order. */
  lines: { name: string; read(sample: Sample, report: RunReport): number | undefined }[];
  /** Undefined: as high as the figures are. */
  top?: number;
}

const CHARTS: readonly Chart[] = [
  {
    title: 'CPU of the host',
    unit: 'percent',
    top: 100,
    lines: [{ name: 'busy', read: ({ host }) => host.cpuPercent }],
  },
  {
    title: 'Memory used on the host',
    unit: 'GiB',
    lines: [{ name: 'used', read: ({ host }) => gibibytes(host.memoryUsedBytes) }],
  },
  {
    title: 'Memory of the engine',
    unit: 'MiB',
    lines: [{ name: 'resident', read: ({ engine }) => scaled(engine?.rssBytes, 1024 ** 2) }],
  },
  {
    title: 'Pressure, share of time in which something waited',
    unit: 'percent',
    top: 100,
    lines: [
      { name: 'CPU', read: ({ host }) => host.cpuPressurePercent },
      { name: 'memory', read: ({ host }) => host.memoryPressurePercent },
      { name: 'I/O', read: ({ host }) => host.ioPressurePercent },
    ],
  },
  {
    title: 'Builds in flight',
    unit: 'builds',
    lines: [{ name: 'builds', read: ({ at }, report) => buildsAt(report, at) }],
  },
];

/**
 * How the host was over the run, as mermaid charts (https://mermaid.js.org/syntax/xyChart.html): one for each figure that
 * was measured, with a bar at each incident. Empty when there is too little to draw.
 */
export function renderCharts(report: RunReport): string {
  if (report.samples.length < LEAST_SAMPLES) return '';
  const slots = slotsOf(report);
  const charts = CHARTS.flatMap((chart) => draw(chart, report, slots));
  if (charts.length === 0) return '';
  const note = report.incidents.length === 0 ? '' : ' A bar stands where the engine died.';
  return `Over ${formatDuration(runMs(report))}, from left to right.${note}\n\n${charts.join('\n')}\n`;
}

/** Equal parts of the run, each with its samples and whether the engine died in it. */
interface Slot {
  samples: Sample[];
  died: boolean;
}

function slotsOf(report: RunReport): Slot[] {
  const count = Math.min(MOST_POINTS, report.samples.length);
  const slots = Array.from({ length: count }, (): Slot => ({ samples: [], died: false }));
  const slotAt = (at: number) =>
    slots[Math.min(count - 1, Math.max(0, Math.floor(((at - report.startedAt) * count) / Math.max(1, runMs(report)))))];
  for (const sample of report.samples) slotAt(sample.at)?.samples.push(sample);
  for (const { openedAt } of report.incidents) {
    const slot = slotAt(openedAt);
    if (slot !== undefined) slot.died = true;
  }
  return slots;
}

function draw(chart: Chart, report: RunReport, slots: readonly Slot[]): string[] {
  const lines = chart.lines
    .map(({ name, read }) => ({
      name,
      values: fill(slots.map((slot) => mean(slot.samples.flatMap((sample) => read(sample, report) ?? [])))),
    }))
    .filter(({ values }) => values.length > 0);
  if (lines.length === 0) return [];
  const highest = lines.flatMap(({ values }) => values).reduce((most, value) => Math.max(most, value), 0);
  const top = Math.max(chart.top ?? 0, highest * 1.1) || 1;
  const names = lines.length === 1 ? '' : `: ${lines.map(({ name }) => name).join(', ')}`;
  const text = [
    'xychart-beta',
    `  title "${chart.title}${names}"`,
    `  x-axis "seconds" 0 --> ${Math.max(1, Math.round(runMs(report) / 1000))}`,
    `  y-axis "${chart.unit}" 0 --> ${round(top)}`,
    ...(slots.some(({ died }) => died)
      ? [`  bar [${slots.map(({ died }) => (died ? round(top) : 0)).join(', ')}]`]
      : []),
    ...lines.map(({ values }) => `  line [${values.map(round).join(', ')}]`),
  ];
  return [fence(text.join('\n'), 'mermaid')];
}

/** A slot without a figure has that of the one before it, as lines cannot have gaps; none at all is an empty list. */
function fill(values: readonly (number | undefined)[]): number[] {
  let last = values.find((value) => value !== undefined);
  if (last === undefined) return [];
  return values.map((value) => {
    last = value ?? last;
    return last as number;
  });
}

function buildsAt(report: RunReport, at: number): number {
  return report.images.reduce(
    (sum, { attempts }) =>
      sum + attempts.filter(({ startedAt, endedAt }) => startedAt <= at && (endedAt ?? report.endedAt) >= at).length,
    0,
  );
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function gibibytes(bytes: number | undefined): number | undefined {
  return scaled(bytes, 1024 ** 3);
}

function scaled(value: number | undefined, unit: number): number | undefined {
  return value === undefined ? undefined : value / unit;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
