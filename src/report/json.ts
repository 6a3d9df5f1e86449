import type { AttemptReport, ImageReport, IncidentReport, RunReport } from '../journal/run-report.js';
import { imageOutcome } from './outcome.js';
import { resourceStats } from './resource-stats.js';
import { attemptMs, imageMs, runMs } from './wall-time.js';

/**
 * The facts of a run as report.json, indented, keys in a fixed order. Times are ISO 8601 in UTC, durations
 * milliseconds, sizes bytes; what is not known is absent. Single samples are in the journal.
 */
export function renderJson(report: RunReport): string {
  const facts = {
    schema: report.schema,
    version: report.version,
    result: report.result,
    startedAt: iso(report.startedAt),
    endedAt: iso(report.endedAt),
    durationMs: runMs(report),
    engine: report.engine,
    host: report.host,
    folder: report.folder,
    budget: report.budget,
    lane: report.lane,
    mode: report.mode,
    retries: report.retries,
    images: report.images.map((image) => imageFacts(image, report)),
    incidents: report.incidents.map(incidentFacts),
    lanes: report.lanes.map(({ at, ...lane }) => ({ at: iso(at), ...lane })),
    resources: { samples: report.samples.length, ...resourceStats(report.samples) },
    warnings: report.warnings,
  };
  return `${JSON.stringify(facts, null, 2)}\n`;
}

function imageFacts(image: ImageReport, report: RunReport) {
  return {
    name: image.name,
    tags: image.tags,
    result: image.result,
    outcome: imageOutcome(image),
    durationMs: imageMs(image, report),
    built: image.built,
    verdict: image.verdict,
    attempts: image.attempts.map((attempt) => attemptFacts(attempt, report)),
  };
}

function attemptFacts(attempt: AttemptReport, report: RunReport) {
  return {
    number: attempt.number,
    startedAt: iso(attempt.startedAt),
    endedAt: attempt.endedAt === undefined ? undefined : iso(attempt.endedAt),
    durationMs: attemptMs(attempt, report),
    delayMs: attempt.delayMs,
    command: attempt.command,
    pid: attempt.pid,
    log: attempt.log,
    ending: attempt.ending,
    built: attempt.built,
    verdict: attempt.verdict,
    incident: attempt.incident,
    usage: attempt.usage,
    tail: attempt.tail,
  };
}

function incidentFacts(incident: IncidentReport) {
  return {
    number: incident.number,
    openedAt: iso(incident.openedAt),
    closedAt: incident.closedAt === undefined ? undefined : iso(incident.closedAt),
    durationMs: incident.closedAt === undefined ? undefined : incident.closedAt - incident.openedAt,
    answered: incident.answered,
    said: incident.said,
    evidence: incident.evidence,
    inFlight: incident.inFlight,
  };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
