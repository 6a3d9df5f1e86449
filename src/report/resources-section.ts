import type { AttemptReport, RunReport } from '../journal/run-report.js';
import { renderCharts } from './charts-section.js';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
  NOT_AVAILABLE,
  orNotAvailable,
  plural,
} from './figures.js';
import { codeCell, tableHead, tableRow } from './markdown.js';
import { type ResourceStats, resourceStats } from './resource-stats.js';
import { fitting } from './space.js';
import { attemptMs } from './wall-time.js';

/** What the run and each attempt used, the table of attempts within so many bytes. */
export function renderResources(report: RunReport, mostBytes: number): string {
  return `### Resources\n\n${machine(report)}${renderCharts(report)}${runTable(resourceStats(report.samples))}\n${attempts(report, mostBytes)}`;
}

function machine({ host, samples }: RunReport): string {
  const size = `${plural(host.cpus, 'CPU')}, ${formatBytes(host.memoryBytes)} of memory`;
  return `The machine: ${size}; ${plural(samples.length, 'sample')}.\n\n`;
}

function runTable(stats: ResourceStats): string {
  const load = (value: number) => value.toFixed(2);
  const rows: [string, string][] = [
    ['CPU, peak', orNotAvailable(stats.cpuPercent?.peak, formatPercent)],
    ['CPU, mean', orNotAvailable(stats.cpuPercent?.mean, formatPercent)],
    ['Load (1 minute), peak', orNotAvailable(stats.load1?.peak, load)],
    ['Memory used, peak', orNotAvailable(stats.memoryUsedBytes?.peak, formatBytes)],
    ['Memory available, least', orNotAvailable(stats.memoryAvailableBytes?.least, formatBytes)],
    ['Swap used, peak', orNotAvailable(stats.swapUsedBytes?.peak, formatBytes)],
    ['Disk free where images are stored, least', orNotAvailable(stats.diskFreeBytes?.least, formatBytes)],
    ['Disk free where images are stored, at the end', orNotAvailable(stats.diskFreeBytes?.last, formatBytes)],
  ];
  return tableHead(['Run'], ['Figure']) + rows.map(tableRow).join('');
}

function attempts(report: RunReport, mostBytes: number): string {
  const all = report.images.flatMap((image) => image.attempts.map((attempt) => ({ name: image.name, attempt })));
  if (all.length === 0) return '';
  const withSteps = all.some(({ attempt }) => attempt.usage.stepPeakRssBytes !== undefined);
  const row = ({ name, attempt }: (typeof all)[number]) => attemptRow(name, attempt, report, withSteps);
  const { text: rows, left } = fitting(all, mostBytes, row);
  const note = left > 0 ? `\n${plural(left, 'attempt')} left out for lack of space; report.json has all.\n` : '';
  const head = tableHead(
    ['Image'],
    [
      'Attempt',
      'Wall',
      'User CPU',
      'System CPU',
      'Peak RSS',
      ...(withSteps ? ["Steps' peak RSS"] : []),
      'Voluntary switches',
      'Involuntary switches',
    ],
  );
  return `${whoseFigures(report, withSteps)}\n\n${head}${rows}${note}\n`;
}

function whoseFigures({ engine }: RunReport, withSteps: boolean): string {
  if (!engine.served) return "Of each attempt's process tree.";
  const own = "Of each attempt's own processes, which here are the client's";
  return withSteps
    ? `${own}; of what the engine's server used, the memory of its steps alone.`
    : `${own}; what the engine's server used is not in it.`;
}

function attemptRow(name: string, attempt: AttemptReport, report: RunReport, withSteps: boolean): string {
  const { usage } = attempt;
  return tableRow([
    codeCell(name),
    String(attempt.number),
    attempt.endedAt === undefined ? NOT_AVAILABLE : formatDuration(attemptMs(attempt, report)),
    orNotAvailable(usage.userMs, formatDuration),
    orNotAvailable(usage.systemMs, formatDuration),
    orNotAvailable(usage.peakRssBytes, formatBytes),
    ...(withSteps ? [orNotAvailable(usage.stepPeakRssBytes, formatBytes)] : []),
    orNotAvailable(usage.voluntarySwitches, formatCount),
    orNotAvailable(usage.involuntarySwitches, formatCount),
  ]);
}
