import type { AttemptReport, ImageReport, RunReport, Sample } from '../journal/run-report.js';
import { attemptOutcome } from './outcome.js';
import { oneLine } from './plain-text.js';

/** An event of the Chrome trace format; times in microseconds. */
type TraceEvent = Record<string, unknown>;

/** More samples than these are thinned: a trace of a day must still open. */
const MOST_SAMPLES = 20_000;
const BUILDS = 1;
const HOST = 2;
/** Of the process `builds`; the images follow. */
const LANE_THREAD = 1;

/**
 * The run in the trace event format (https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU),
 * which https://ui.perfetto.dev opens: a thread for each image with its attempts and steps, incidents as marks through
 * everything, figures of host and engine as counters.
 */
export function renderTrace(report: RunReport): string {
  const us = (at: number) => Math.max(0, Math.round((at - report.startedAt) * 1000));
  const events: TraceEvent[] = [
    named('process_name', BUILDS, 0, 'builds'),
    named('process_name', HOST, 0, 'host and engine'),
    named('thread_name', BUILDS, LANE_THREAD, 'lane'),
    ...report.images.flatMap((image, index) => imageEvents(image, LANE_THREAD + 1 + index)),
    ...incidentEvents(),
    ...laneEvents(),
    ...thinned(report.samples).flatMap(counters),
  ];
  return JSON.stringify({
    displayTimeUnit: 'ms',
    otherData: { version: report.version, startedAt: new Date(report.startedAt).toISOString(), result: report.result },
    traceEvents: events,
  });

  function imageEvents(image: ImageReport, thread: number): TraceEvent[] {
    const name = named('thread_name', BUILDS, thread, oneLine(image.name));
    return [name, ...image.attempts.flatMap((attempt) => attemptEvents(attempt, thread))];
  }

  function attemptEvents(attempt: AttemptReport, thread: number): TraceEvent[] {
    const until = attempt.endedAt ?? report.endedAt;
    const args = { outcome: attemptOutcome(attempt), incident: attempt.incident, line: attempt.verdict?.line };
    return [
      span(`attempt ${attempt.number}: ${attemptOutcome(attempt)}`, thread, attempt.startedAt, until, args),
      ...attempt.steps.map((step, index) =>
        span(oneLine(`${step.step} ${step.text}`), thread, step.at, attempt.steps[index + 1]?.at ?? until, {
          cached: step.cached,
        }),
      ),
    ];
  }

  function incidentEvents(): TraceEvent[] {
    return report.incidents.flatMap((incident) => [
      {
        ph: 'i',
        s: 'g',
        pid: BUILDS,
        tid: LANE_THREAD,
        ts: us(incident.openedAt),
        name: `incident ${incident.number}`,
      },
      span(
        `incident ${incident.number}: waiting for the engine`,
        LANE_THREAD,
        incident.openedAt,
        incident.closedAt ?? report.endedAt,
        {
          evidence: incident.evidence.map((sentence) => oneLine(sentence)),
          answered: incident.answered,
        },
      ),
    ]);
  }

  function laneEvents(): TraceEvent[] {
    return report.lanes.map(({ at, lane }) => counter('lane', BUILDS, at, { lane }));
  }

  function counters({ at, host, engine }: Sample): TraceEvent[] {
    const running = report.images.reduce(
      (sum, { attempts }) =>
        sum + attempts.filter(({ startedAt, endedAt }) => startedAt <= at && (endedAt ?? report.endedAt) >= at).length,
      0,
    );
    return [
      counter('builds in flight', BUILDS, at, { builds: running }),
      counter('CPU (percent)', HOST, at, { busy: host.cpuPercent }),
      counter('memory (MiB)', HOST, at, { used: mebibytes(host.memoryUsedBytes) }),
      counter('pressure (percent)', HOST, at, {
        cpu: host.cpuPressurePercent,
        memory: host.memoryPressurePercent,
        io: host.ioPressurePercent,
      }),
      counter('engine memory (MiB)', HOST, at, { resident: mebibytes(engine?.rssBytes) }),
      counter('engine open files', HOST, at, { files: engine?.openFiles }),
    ].filter(({ args }) => Object.values(args as object).some((value) => value !== undefined));
  }

  function span(name: string, tid: number, from: number, until: number, args: object): TraceEvent {
    return { ph: 'X', pid: BUILDS, tid, ts: us(from), dur: Math.max(1, us(until) - us(from)), name, args };
  }

  function counter(name: string, pid: number, at: number, args: object): TraceEvent {
    return { ph: 'C', pid, tid: 0, ts: us(at), name, args };
  }
}

function named(name: string, pid: number, tid: number, value: string): TraceEvent {
  return { ph: 'M', pid, tid, name, args: { name: value } };
}

function thinned(samples: readonly Sample[]): readonly Sample[] {
  const every = Math.ceil(samples.length / MOST_SAMPLES);
  return every <= 1 ? samples : samples.filter((_, index) => index % every === 0);
}

function mebibytes(bytes: number | undefined): number | undefined {
  return bytes === undefined ? undefined : Math.round(bytes / 1024 ** 2);
}
