import type { EngineFacts } from '../../journal/events.js';
import type { RunReport } from '../../journal/run-report.js';
import { formatCleanUp } from '../clean-up.js';
import { formatBytes, formatDuration, plural } from '../figures.js';
import { resultLine } from '../headline.js';
import { oneLine } from '../plain-text.js';
import { runMs } from '../wall-time.js';
import { chartsOf } from './charts.js';
import { imageData, type TailRoom } from './image-data.js';
import { incidentData } from './incident-data.js';
import type { Fact, ReportData } from './report-data.js';

/** All tails of logs together; a report has to be mailed and opened, and the logs are beside it. */
const TAIL_CHARACTERS = 6_000_000;
const SENTENCE = 500;

/** Everything that report.html shows of a run. */
export function reportData(report: RunReport): ReportData {
  const since = (at: number) => at - report.startedAt;
  const room = createTailRoom(TAIL_CHARACTERS);
  const lanes = report.lanes.map(({ at, lane, mode, why }, index) => ({
    from: since(at),
    until: since(report.lanes[index + 1]?.at ?? report.endedAt),
    lane,
    mode,
    why: oneLine(why, SENTENCE),
  }));
  return {
    title: resultLine(report),
    result: report.result,
    startedAt: report.startedAt,
    durationMs: runMs(report),
    facts: factsOf(report),
    images: report.images.map((image) => imageData(image, report, room)),
    incidents: report.incidents.map((incident) => incidentData(incident, report)),
    lanes,
    widestLane: lanes.reduce((widest, { lane }) => Math.max(widest, lane), 1),
    sampledAt: report.samples.map(({ at }) => since(at)),
    charts: chartsOf(report),
    cleanUps: report.cleanUps.map((cleanUp) => ({
      at: since(cleanUp.at),
      ...(cleanUp.incident === undefined ? {} : { incident: cleanUp.incident }),
      text: [
        `Removed ${formatCleanUp(cleanUp)}.`,
        ...cleanUp.left.map((why) => `Left: ${oneLine(why, SENTENCE)}`),
      ].join(' '),
    })),
    warnings: report.warnings.map((warning) => oneLine(warning, SENTENCE)),
  };
}

function factsOf(report: RunReport): Fact[] {
  const { engine, host, budget, engineMachine } = report;
  const facts: [string, string][] = [
    ['Duration', formatDuration(runMs(report))],
    ['Incidents', String(report.incidents.length)],
    ['Retries', String(report.retries)],
    ['Lane at the end', `${report.lane} (${report.mode})`],
    ['Engine', engineName(engine)],
    ['Host', `${host.platform}, ${plural(host.cpus, 'CPU')}, ${formatBytes(host.memoryBytes)}`],
    ...(engineMachine === undefined ? [] : [["Engine's machine", machineName(engineMachine)] as [string, string]]),
    [
      'Budget',
      `${budget.lane} at once, ${plural(budget.retries, 'retry', 'retries')}, serial after ${budget.serialAfter}`,
    ],
    ['Started', new Date(report.startedAt).toISOString().replace(/\.\d+/, '')],
    ['Action', report.version],
  ];
  return facts.map(([name, value]) => ({ name, value: oneLine(value, SENTENCE) }));
}

function engineName({ name, version, dialect, served, address }: EngineFacts): string {
  return `${name} ${version} (${dialect}, ${address === undefined ? (served ? 'served' : 'local') : `at ${address}`})`;
}

function machineName({ name, cpus, memoryBytes, diskBytes }: NonNullable<RunReport['engineMachine']>): string {
  return [
    ...(name === undefined ? [] : [name]),
    ...(cpus === undefined ? [] : [plural(cpus, 'CPU')]),
    ...(memoryBytes === undefined ? [] : [`${formatBytes(memoryBytes)} of memory`]),
    ...(diskBytes === undefined ? [] : [`${formatBytes(diskBytes)} of disk`]),
  ].join(', ');
}

function createTailRoom(characters: number): TailRoom {
  let left = characters;
  return {
    take(wanted) {
      if (wanted > left) return false;
      left -= wanted;
      return true;
    },
  };
}
