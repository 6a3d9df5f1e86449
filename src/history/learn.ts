import type { AttemptReport, ImageReport, RunReport } from '../journal/run-report.js';
import {
  boundSteps,
  engineKey,
  type History,
  LONGEST_NAME,
  MOST_INCIDENTS,
  mergeHistories,
  type PastBuild,
  type PastImage,
  type PastRun,
} from './history.js';
import { peakBytes } from './peak.js';

/** What is known after a run: what was known before, and what became of this one as far as it is told. */
export function learnFrom(history: History, report: RunReport): History {
  const run = runOf(report);
  const images = report.images.flatMap((image) => imageOf(image, report, run));
  return mergeHistories([history, { schema: 1, runs: [run], images }]);
}

function runOf(report: RunReport): PastRun {
  const { host, engineMachine: machine, lateLane } = report;
  // Of a server elsewhere, what this machine has says nothing.
  const cpus = machine === undefined ? host.cpus : machine.cpus;
  const memoryBytes = machine === undefined ? host.memoryBytes : machine.memoryBytes;
  return {
    id: idOf(report),
    at: report.startedAt,
    engine: engineKey(report.engine),
    startLane: lateLane ?? report.budget.lane,
    ...(lateLane === undefined && report.budget.laneLearnt === undefined ? {} : { laneLearnt: true as const }),
    endLane: report.lane,
    mostAtOnce: mostAtOnce(report),
    mode: report.mode,
    incidents: report.incidents.length,
    result: report.result,
    durationMs: Math.max(0, report.endedAt - report.startedAt),
    ...(cpus === undefined ? {} : { cpus }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
  };
}

function mostAtOnce({ images, endedAt }: RunReport): number {
  const attempts = images.flatMap((image) => image.attempts);
  // It is reached at the beginning of one of them.
  const beside = ({ startedAt: at }: AttemptReport) =>
    attempts.filter((other) => other.startedAt <= at && (other.endedAt ?? endedAt) > at).length;
  return Math.max(0, ...attempts.map(beside));
}

/** The folder has a name of its own in each run, unless the user gave one; then the moment tells runs apart. */
function idOf({ startedAt, folder }: RunReport): string {
  const name = folder.split(/[/\\]/).at(-1) ?? '';
  return `${startedAt}-${name.slice(-64)}`;
}

function imageOf(image: ImageReport, report: RunReport, { id, at, engine }: PastRun): PastImage[] {
  // What was not built tells nothing, and would take the place of a build that does.
  if (image.name.length > LONGEST_NAME || image.restored !== undefined) return [];
  const incidents = report.incidents.filter(({ inFlight }) => inFlight.includes(image.name));
  const done = image.attempts.findLast((attempt) => attempt.built !== undefined && attempt.endedAt !== undefined);
  if (done === undefined && image.context === undefined && incidents.length === 0) return [];
  // What was not built tells of its beginning alone.
  const peak = done === undefined ? undefined : peakBytes(image, report);
  const build: PastBuild = {
    run: id,
    at,
    incidents: incidents.length,
    ...(incidents.length === 0
      ? {}
      : { incidentNumbers: incidents.slice(0, MOST_INCIDENTS).map(({ number }) => number) }),
    ...(done === undefined ? {} : { ms: Math.max(0, (done.endedAt ?? 0) - done.startedAt), steps: stepsOf(done) }),
    ...(peak === undefined ? {} : { peakBytes: peak }),
    // Of a context that was not counted to its end, it is at least so large.
    ...(image.context === undefined ? {} : { contextBytes: image.context.bytes }),
    ...(image.built?.sizeBytes === undefined ? {} : { sizeBytes: image.built.sizeBytes }),
  };
  return [{ engine, name: image.name, builds: [build] }];
}

/** A step ends where the next one begins, the last with its attempt. A cached one tells nothing of what it takes. */
function stepsOf(attempt: AttemptReport): { text: string; ms: number }[] {
  const steps = [...attempt.steps].sort((a, b) => a.at - b.at);
  const spans = steps.map(({ at, text, cached }, index) => ({
    text,
    cached,
    ms: Math.max(0, (steps[index + 1]?.at ?? attempt.endedAt ?? at) - at),
  }));
  return boundSteps(spans.filter(({ cached }) => cached !== true));
}
