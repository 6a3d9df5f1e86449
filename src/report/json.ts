import type {
  AttemptReport,
  CleanUpReport,
  HandOffReport,
  ImageReport,
  IncidentReport,
  RunReport,
} from '../journal/run-report.js';
import type { ReportJson } from './json-schema.js';
import { imageOutcome } from './outcome.js';
import { engineStats, resourceStats } from './resource-stats.js';
import { stepSpans } from './step-spans.js';
import { attemptMs, imageMs, runMs } from './wall-time.js';

/**
 * The facts of a run as report.json, indented, keys in a fixed order. Times are ISO 8601 in UTC, durations
 * milliseconds, sizes bytes; what is not known is absent. Single samples are in the journal. Its schema is published as
 * schema/report-1.schema.json.
 */
export function renderJson(report: RunReport): string {
  const engine = engineStats(report.samples);
  const facts: ReportJson = {
    schema: report.schema,
    version: report.version,
    result: report.result,
    startedAt: iso(report.startedAt),
    endedAt: iso(report.endedAt),
    durationMs: runMs(report),
    engine: report.engine,
    engineMachine: report.engineMachine,
    host: report.host,
    folder: report.folder,
    budget: report.budget,
    lane: report.lane,
    mode: report.mode,
    retries: report.retries,
    history: report.history,
    watchedByPings: report.watchedByPings,
    images: report.images.map((image) => imageFacts(image, report)),
    incidents: report.incidents.map(incidentFacts),
    sharedWaits: report.sharedWaits.map(({ from, until, runs }) => ({ at: iso(from), durationMs: until - from, runs })),
    lanes: report.lanes.map(({ at, ...lane }) => ({ at: iso(at), ...lane })),
    resources: { samples: report.samples.length, ...resourceStats(report.samples), ...(engine && { engine }) },
    cleanUps: report.cleanUps.map(cleanUpFacts),
    removals: report.removals.map(({ at, ...removal }) => ({ at: iso(at), ...removal })),
    warnings: report.warnings,
  };
  return `${JSON.stringify(facts, null, 2)}\n`;
}

function imageFacts(image: ImageReport, report: RunReport): ReportJson['images'][number] {
  return {
    name: image.name,
    tags: image.tags,
    file: image.file,
    needs: image.needs,
    result: image.result,
    outcome: imageOutcome(image),
    durationMs: imageMs(image, report),
    built: image.built,
    restored: image.restored && {
      at: iso(image.restored.at),
      from: image.restored.from,
      key: image.restored.key,
      ageMs: image.restored.ageMs,
      archiveBytes: image.restored.archiveBytes,
    },
    notRestored: image.notRestored,
    verdict: image.verdict,
    skipped: image.skipped,
    handOffs: image.handOffs.map((handOff) => handOffFacts(handOff, report)),
    context: image.context,
    expectedMs: image.expectedMs,
    attempts: image.attempts.map((attempt) => attemptFacts(attempt, report)),
  };
}

function attemptFacts(attempt: AttemptReport, report: RunReport): ReportJson['images'][number]['attempts'][number] {
  return {
    number: attempt.number,
    startedAt: iso(attempt.startedAt),
    endedAt: attempt.endedAt === undefined ? undefined : iso(attempt.endedAt),
    durationMs: attemptMs(attempt, report),
    delayMs: attempt.delayMs,
    command: attempt.command,
    pid: attempt.pid,
    failedLine: attempt.line,
    log: attempt.log,
    ending: attempt.ending,
    built: attempt.built,
    verdict: attempt.verdict,
    incident: attempt.incident,
    usage: attempt.usage,
    steps: stepSpans(attempt, report).map(({ at, until, step, text, cached }) => ({
      startedAt: iso(at),
      durationMs: until - at,
      step,
      text,
      cached,
    })),
    tail: attempt.tail,
  };
}

function handOffFacts(handOff: HandOffReport, report: RunReport): ReportJson['images'][number]['handOffs'][number] {
  const { number, startedAt, endedAt, ...facts } = handOff;
  return {
    number,
    startedAt: iso(startedAt),
    endedAt: endedAt === undefined ? undefined : iso(endedAt),
    durationMs: Math.max(0, (endedAt ?? report.endedAt) - startedAt),
    ...facts,
  };
}

function incidentFacts(incident: IncidentReport): ReportJson['incidents'][number] {
  return {
    number: incident.number,
    openedAt: iso(incident.openedAt),
    closedAt: incident.closedAt === undefined ? undefined : iso(incident.closedAt),
    durationMs: incident.closedAt === undefined ? undefined : incident.closedAt - incident.openedAt,
    answered: incident.answered,
    said: incident.said,
    evidence: incident.evidence,
    sentinel: incident.sentinel && { at: iso(incident.sentinel.at), watch: incident.sentinel.watch },
    inFlight: incident.inFlight,
    recoveries: incident.recoveries.map(({ at, ...recovery }) => ({ at: iso(at), ...recovery })),
  };
}

function cleanUpFacts({ at, ...cleanUp }: CleanUpReport): ReportJson['cleanUps'][number] {
  return { at: iso(at), ...cleanUp };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
