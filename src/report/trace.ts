import type { ImageReport, RunReport, Sample } from '../journal/run-report.js';
import { runningAttempts } from './concurrency.js';
import { describeEnding } from './ending.js';
import { handOffOutcome } from './hand-offs.js';
import { attemptOutcome, imageOutcome } from './outcome.js';
import { oneLine } from './plain-text.js';
import { stepSpans } from './step-spans.js';
import { type TraceEvent, traceProcess } from './trace-events.js';
import { describeWait, waitsOf } from './waits.js';

const MIB = 1024 * 1024;
const RUN_PROCESS = 1;
const FIRST_IMAGE_PROCESS = 10;
/** Threads of the run. */
const [LANE, INCIDENTS] = [1, 2];
/** Threads of an image. */
const [ATTEMPTS, WAITING, HAND_OFFS] = [1, 2, 3];

/**
 * The run as trace.json, which https://ui.perfetto.dev and chrome://tracing open: a process for the run with its lane,
 * its incidents and the figures of host and engine, and one for each image with its attempts, their steps, and waiting.
 */
export function renderTrace(report: RunReport): string {
  const events = [
    ...runEvents(report),
    ...report.images.flatMap((image, index) => imageEvents(image, FIRST_IMAGE_PROCESS + index, report)),
  ];
  const otherData = {
    version: report.version,
    result: report.result,
    started: new Date(report.startedAt).toISOString(),
  };
  // One event a line: a trace of a long run is looked at with grep, too.
  const lines = events.map((event) => JSON.stringify(event)).join(',\n');
  return `{"displayTimeUnit":"ms","otherData":${JSON.stringify(otherData)},"traceEvents":[\n${lines}\n]}\n`;
}

function runEvents(report: RunReport): TraceEvent[] {
  const run = traceProcess(RUN_PROCESS, report.startedAt);
  return [
    ...run.process('run', 0),
    run.thread(LANE, 'lane'),
    run.thread(INCIDENTS, 'incidents'),
    ...report.lanes.map(({ at, lane, mode, why }, index) =>
      run.slice(LANE, `${lane} (${mode})`, at, report.lanes[index + 1]?.at ?? report.endedAt, { why: oneLine(why) }),
    ),
    ...report.incidents.flatMap(({ number, openedAt, closedAt, evidence, inFlight, answered }) => {
      const facts = {
        evidence: evidence.map((line) => oneLine(line)),
        inFlight: inFlight.map((name) => oneLine(name)),
        answered,
      };
      return [
        run.instant(INCIDENTS, `incident ${number}`, openedAt, facts),
        run.slice(INCIDENTS, `engine dead (${number})`, openedAt, closedAt ?? report.endedAt, facts),
      ];
    }),
    ...runningAttempts(report).map(({ at, running }) => run.counter('running attempts', at, { attempts: running })),
    ...report.samples.flatMap((sample) => sampleEvents(sample, run)),
  ];
}

function sampleEvents({ at, host, engine }: Sample, run: ReturnType<typeof traceProcess>): TraceEvent[] {
  const counters: [string, Record<string, number | undefined>][] = [
    ['host CPU (%)', { busy: host.cpuPercent }],
    ['host memory (MiB)', { used: mib(host.memoryUsedBytes) }],
    ['host swap (MiB)', { used: mib(host.swapUsedBytes) }],
    ['CPU pressure (%)', { some: host.cpuPressurePercent }],
    ['memory pressure (%)', { some: host.memoryPressurePercent }],
    ['I/O pressure (%)', { some: host.ioPressurePercent }],
    ['free disk (MiB)', { free: mib(host.diskFreeBytes) }],
    ['engine CPU (%)', { busy: engine?.cpuPercent }],
    ['engine memory (MiB)', { rss: mib(engine?.rssBytes) }],
    ['engine open files', { open: engine?.openFiles }],
  ];
  return counters.flatMap(([name, values]) => {
    const known = Object.entries(values).filter((entry): entry is [string, number] => entry[1] !== undefined);
    return known.length === 0 ? [] : [run.counter(name, at, Object.fromEntries(known))];
  });
}

function imageEvents(image: ImageReport, pid: number, report: RunReport): TraceEvent[] {
  const tracks = traceProcess(pid, report.startedAt);
  const name = oneLine(image.name, 200) || '(no name)';
  return [
    ...tracks.process(`${name} (${imageOutcome(image)})`, pid),
    tracks.thread(ATTEMPTS, 'attempts'),
    tracks.thread(WAITING, 'waiting'),
    ...(image.handOffs.length === 0 ? [] : [tracks.thread(HAND_OFFS, 'hand-offs')]),
    ...waitsOf(image, report).map((wait) =>
      tracks.slice(WAITING, `waiting ${describeWait(wait)}`, wait.from, wait.until, {}),
    ),
    ...image.handOffs.map((handOff) => {
      const { to, number, startedAt, endedAt, said, digest, bytes, incident } = handOff;
      const outcome = handOffOutcome(handOff);
      const facts = {
        image: name,
        to: oneLine(to),
        attempt: number,
        said: oneLine(said ?? ''),
        digest,
        bytes,
        incident,
      };
      const title = `${name} → ${oneLine(to, 100)} #${number}: ${outcome}`;
      return tracks.slice(HAND_OFFS, title, startedAt, endedAt ?? report.endedAt, facts);
    }),
    ...image.attempts.flatMap((attempt) => [
      tracks.slice(
        ATTEMPTS,
        `${name} #${attempt.number}: ${attemptOutcome(attempt)}`,
        attempt.startedAt,
        attempt.endedAt ?? report.endedAt,
        {
          image: name,
          attempt: attempt.number,
          ending: oneLine(describeEnding(attempt.ending)),
          incident: attempt.incident,
          line: attempt.verdict?.line === undefined ? undefined : oneLine(attempt.verdict.line, 500),
          log: oneLine(attempt.log),
          usage: attempt.usage,
        },
      ),
      ...stepSpans(attempt, report).map(({ at, until, step, text, cached }) =>
        tracks.slice(ATTEMPTS, oneLine(`${step} ${text}`, 200), at, until, cached ? { cached } : {}),
      ),
    ]),
  ];
}

function mib(bytes: number | undefined): number | undefined {
  return bytes === undefined ? undefined : Math.round(bytes / MIB);
}
