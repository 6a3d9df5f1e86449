import type { RunReport, Sample } from '../../journal/run-report.js';
import { runningAttempts } from '../concurrency.js';
import { formatBytes, formatCount } from '../figures.js';
import type { ChartData, Unit } from './report-data.js';

interface SampledChart {
  title: string;
  unit: Unit;
  series: Record<string, (sample: Sample) => number | undefined>;
  most?: (report: RunReport) => number | undefined;
  note?: (report: RunReport) => string | undefined;
}

const SAMPLED: readonly SampledChart[] = [
  {
    title: 'Host CPU',
    unit: 'percent',
    series: {
      busy: ({ host }) => host.cpuPercent,
      system: ({ host }) => host.cpuSystemPercent,
      steal: ({ host }) => host.cpuStealPercent,
    },
    most: () => 100,
  },
  {
    title: 'Host memory',
    unit: 'bytes',
    series: { used: ({ host }) => host.memoryUsedBytes, 'swap used': ({ host }) => host.swapUsedBytes },
    most: ({ host }) => host.memoryBytes,
    note: ({ host }) => `of ${formatBytes(host.memoryBytes)}`,
  },
  {
    title: 'Host pressure',
    unit: 'percent',
    series: {
      CPU: ({ host }) => host.cpuPressurePercent,
      memory: ({ host }) => host.memoryPressurePercent,
      'I/O': ({ host }) => host.ioPressurePercent,
    },
    note: () => 'time that tasks waited',
  },
  { title: 'Free disk', unit: 'bytes', series: { 'for images': ({ host }) => host.diskFreeBytes } },
  {
    title: 'Engine CPU',
    unit: 'percent',
    series: { busy: ({ engine }) => engine?.cpuPercent },
    note: () => '100% is one CPU',
  },
  { title: 'Engine memory', unit: 'bytes', series: { RSS: ({ engine }) => engine?.rssBytes } },
  {
    title: 'Engine files',
    unit: 'count',
    series: { open: ({ engine }) => engine?.openFiles, threads: ({ engine }) => engine?.threads },
    note: ({ samples }) => {
      const limit = samples.findLast(({ engine }) => engine?.openFilesLimit !== undefined)?.engine?.openFilesLimit;
      return limit === undefined ? undefined : `at most ${formatCount(limit)}`;
    },
  },
  {
    title: "Engine's machine",
    unit: 'bytes',
    series: {
      'memory free': ({ engine }) => engine?.memoryFreeBytes,
      'swap used': ({ engine }) => engine?.swapUsedBytes,
    },
  },
  {
    title: "Attempts' CPU",
    unit: 'percent',
    series: { 'in all': (sample) => sumOf(sample, 'cpuPercent') },
    note: whose,
  },
  {
    title: "Attempts' memory",
    unit: 'bytes',
    series: {
      'in all': (sample) => sumOf(sample, 'rssBytes', 'stepRssBytes'),
      'steps alone': (sample) => sumOf(sample, 'stepRssBytes'),
    },
    note: whoseMemory,
  },
];

/** Steps that the server runs can be seen on this machine. */
function whoseMemory(report: RunReport): string | undefined {
  const seen = report.samples.some(({ attempts }) => attempts?.some((one) => one.stepRssBytes !== undefined));
  return seen ? 'the clients and the steps' : whose(report);
}

/** With a served engine most of the work is the server's. */
function whose({ engine }: RunReport): string | undefined {
  return engine.served ? 'the clients alone' : undefined;
}

/** The charts that this run has figures for, the running attempts first. Times are milliseconds since it began. */
export function chartsOf(report: RunReport): ChartData[] {
  return [concurrencyChart(report), ...SAMPLED.flatMap((chart) => sampledChart(chart, report))];
}

function concurrencyChart(report: RunReport): ChartData {
  const points = runningAttempts(report);
  return {
    title: 'Running attempts',
    unit: 'count',
    most: 1,
    at: points.map(({ at }) => at - report.startedAt),
    series: [{ name: 'running', values: points.map(({ running }) => running) }],
  };
}

function sampledChart(chart: SampledChart, report: RunReport): ChartData[] {
  const series = Object.entries(chart.series).flatMap(([name, read]) => {
    const values = report.samples.map((sample) => short(read(sample), chart.unit));
    return values.some((value) => value !== null) ? [{ name, values }] : [];
  });
  if (series.length === 0) return [];
  const most = chart.most?.(report);
  const note = chart.note?.(report);
  const { title, unit } = chart;
  return [{ title, unit, ...(most === undefined ? {} : { most }), ...(note === undefined ? {} : { note }), series }];
}

/** A tenth of a percent is finer than a pixel, and thousands of digits are bytes of the report. */
function short(value: number | undefined, unit: Unit): number | null {
  if (value === undefined || !Number.isFinite(value)) return null;
  return unit === 'percent' ? Math.round(value * 10) / 10 : Math.round(value);
}

function sumOf({ attempts }: Sample, ...figures: ('cpuPercent' | 'rssBytes' | 'stepRssBytes')[]): number | undefined {
  const values = attempts?.flatMap((attempt) => figures.flatMap((figure) => attempt[figure] ?? [])) ?? [];
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
}
