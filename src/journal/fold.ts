import type { JournalEvent } from './events.js';
import type { AttemptReport, HandOffReport, ImageReport, IncidentReport, RunReport } from './run-report.js';

type RunStarted = Extract<JournalEvent, { type: 'run-started' }>;

/** What is known of an image while its events come in; the maps keep the fold linear. */
interface OpenImage {
  report: ImageReport;
  attempts: Map<number, AttemptReport>;
  delays: Map<number, number>;
}

/**
 * Folds a journal into the report of its run. The journal may end anywhere, and lines of it may be missing: what has no
 * end is left without one, and without `run-ended` the result is `interrupted`. Throws an Error when nothing in it says
 * that a run started.
 */
export function foldJournal(events: Iterable<JournalEvent>): RunReport {
  let report: RunReport | undefined;
  let ended = false;
  let dropped: IncidentReport['sentinel'];
  /** A wait for other runs that goes on. */
  let waiting: RunReport['sharedWaits'][number] | undefined;
  const images = new Map<string, OpenImage>();
  const incidents = new Map<number, IncidentReport>();

  for (const event of events) {
    if (event.type === 'run-started') {
      report ??= startReport(event, images);
    } else if (report !== undefined) {
      apply(event, report);
    }
  }
  if (report === undefined) throw new Error('this journal holds no run: it has no run-started event');
  report.images = [...images.values()].map((image) => image.report);
  report.incidents = [...incidents.values()];
  report.retries = report.images.reduce((sum, image) => sum + Math.max(0, image.attempts.length - 1), 0);
  return report;

  function apply(event: Exclude<JournalEvent, RunStarted>, run: RunReport): void {
    if (!ended) run.endedAt = Math.max(run.endedAt, event.at);
    switch (event.type) {
      case 'waiting-for-runs':
        waiting = { from: event.at - event.ms, until: event.at, runs: event.runs };
        run.sharedWaits.push(waiting);
        return;
      case 'waited-for-runs':
        // What was said of it while it went on is completed.
        if (waiting === undefined)
          run.sharedWaits.push({ from: event.at - event.ms, until: event.at, runs: event.runs });
        else Object.assign(waiting, { until: event.at, runs: event.runs });
        waiting = undefined;
        return;
      case 'lane-changed':
        run.lane = event.lane;
        run.mode = event.mode;
        if (event.learnt === true) run.lateLane = event.lane;
        run.lanes.push({ at: event.at, lane: event.lane, mode: event.mode, why: event.why });
        return;
      case 'retry-scheduled':
        if (event.to === undefined) imageOf(event.image).delays.set(event.attempt, event.delayMs);
        return;
      case 'attempt-started':
        Object.assign(attemptOf(event), {
          startedAt: event.at,
          command: event.command,
          log: event.log,
          ...(event.pid === undefined ? {} : { pid: event.pid }),
        });
        return;
      case 'attempt-ended': {
        const { type, at, image, attempt, ...outcome } = event;
        Object.assign(attemptOf(event), outcome, { endedAt: at });
        return;
      }
      case 'hand-off-started':
        handOffOf(event).log = event.log;
        return;
      case 'hand-off-ended': {
        const { type, at, image, to, attempt, ...outcome } = event;
        Object.assign(handOffOf(event), outcome, { endedAt: at });
        return;
      }
      case 'image-ended': {
        const { type, at, image, attempts, ...outcome } = event;
        Object.assign(imageOf(image).report, outcome, { endedAt: at });
        return;
      }
      case 'incident-opened':
        Object.assign(incidentOf(event), {
          openedAt: event.at,
          evidence: event.evidence,
          inFlight: event.inFlight,
          ...(dropped === undefined ? {} : { sentinel: dropped }),
        });
        dropped = undefined;
        return;
      case 'incident-reopened': {
        const incident = incidentOf(event);
        for (const known of ['closedAt', 'answered', 'said'] as const) delete incident[known];
        incident.evidence = [...incident.evidence, `died again as it came back: ${event.evidence.join('; ')}`];
        dropped = undefined;
        return;
      }
      case 'incident-closed':
        Object.assign(incidentOf(event), { closedAt: event.at, answered: event.answered, said: event.said });
        return;
      case 'recovery': {
        const { type, incident, ...recovery } = event;
        incidentOf(event).recoveries.push(recovery);
        return;
      }
      case 'sentinel':
        if (event.watch === 'pings' && event.state === 'watching') run.watchedByPings ??= event.said;
        if (event.state === 'dropped') sentinelDropped(event);
        return;
      case 'step-started': {
        const { type, image, attempt, ...step } = event;
        const { steps } = attemptOf(event);
        // A step that turns out to be cached is told again: it began when it was told first.
        const known = step.cached
          ? steps.findLast((one) => one.step === step.step && one.text === step.text)
          : undefined;
        if (known === undefined) steps.push(step);
        else known.cached = true;
        return;
      }
      case 'image-restored': {
        const { type, image, built, ...restored } = event;
        Object.assign(imageOf(image).report, { built, restored });
        return;
      }
      case 'image-not-restored':
        imageOf(event.image).report.notRestored = event.why;
        return;
      case 'context-measured':
        imageOf(event.image).report.context = event.context;
        return;
      case 'history-loaded':
        run.history = { from: event.from, images: event.images, runs: event.runs };
        if (!Array.isArray(event.expected)) return;
        for (const { image, ms } of event.expected) imageOf(image).report.expectedMs = ms;
        return;
      case 'engine-machine':
        run.engineMachine = event.machine;
        return;
      case 'sample': {
        const { type, ...sample } = event;
        run.samples.push(sample);
        return;
      }
      case 'cleaned-up': {
        const { type, ...cleanUp } = event;
        run.cleanUps.push(cleanUp);
        return;
      }
      case 'image-removed':
      case 'layers-removed': {
        const { type, ...removal } = event;
        run.removals.push(removal);
        return;
      }
      case 'warning':
        run.warnings.push(event.message);
        return;
      case 'run-ended':
        ended = true;
        run.result = event.result;
        if (waiting !== undefined) waiting.until = event.at;
        return;
    }
  }

  /** The sentinel and an attempt notice the same death, one of them first. */
  function sentinelDropped({ at, watch }: { at: number; watch: 'stream' | 'pings' }): void {
    const last = [...incidents.values()].at(-1);
    if (last !== undefined && last.closedAt === undefined && last.sentinel === undefined) last.sentinel = { at, watch };
    else dropped = { at, watch };
  }

  /** The image, also when the line that named it first is missing. */
  function imageOf(name: string): OpenImage {
    return images.get(name) ?? openImage(images, { name, tags: [] });
  }

  /** The attempt, also when the line that started it is missing: then it began when it is first heard of. */
  function attemptOf(event: { image: string; attempt: number; at: number }): AttemptReport {
    const image = imageOf(event.image);
    const known = image.attempts.get(event.attempt);
    if (known !== undefined) return known;
    const delayMs = image.delays.get(event.attempt);
    const attempt: AttemptReport = {
      number: event.attempt,
      startedAt: event.at,
      command: '',
      log: '',
      usage: {},
      steps: [],
      ...(delayMs === undefined ? {} : { delayMs }),
    };
    image.attempts.set(event.attempt, attempt);
    image.report.attempts.push(attempt);
    return attempt;
  }

  /** The hand-off, also when the line that started it is missing. */
  function handOffOf(event: { image: string; to: string; attempt: number; at: number }): HandOffReport {
    const { handOffs } = imageOf(event.image).report;
    const known = handOffs.find(({ to, number }) => to === event.to && number === event.attempt);
    if (known !== undefined) return known;
    const handOff: HandOffReport = { to: event.to, number: event.attempt, startedAt: event.at, log: '' };
    handOffs.push(handOff);
    return handOff;
  }

  function incidentOf(event: { incident: number; at: number }): IncidentReport {
    const known = incidents.get(event.incident);
    if (known !== undefined) return known;
    const incident: IncidentReport = {
      number: event.incident,
      openedAt: event.at,
      evidence: [],
      inFlight: [],
      recoveries: [],
    };
    incidents.set(event.incident, incident);
    return incident;
  }
}

function openImage(
  images: Map<string, OpenImage>,
  { name, tags, file, needs, expectedMs }: RunStarted['images'][number],
): OpenImage {
  const image: OpenImage = {
    report: {
      name,
      tags,
      ...(file === undefined ? {} : { file }),
      ...(needs === undefined ? {} : { needs }),
      ...(expectedMs === undefined ? {} : { expectedMs }),
      result: 'unfinished',
      attempts: [],
      handOffs: [],
    },
    attempts: new Map(),
    delays: new Map(),
  };
  images.set(name, image);
  return image;
}

function startReport(event: RunStarted, images: Map<string, OpenImage>): RunReport {
  for (const image of event.images) openImage(images, image);
  return {
    schema: 1,
    version: event.version,
    result: 'interrupted',
    startedAt: event.at,
    endedAt: event.at,
    engine: event.engine,
    host: event.host,
    folder: event.folder,
    ...(event.loads === true ? { loads: true } : {}),
    budget: {
      lane: event.lane,
      ...(event.laneLearnt === undefined ? {} : { laneLearnt: event.laneLearnt }),
      retries: event.retries,
      serialAfter: event.serialAfter,
    },
    lane: event.lane,
    mode: event.mode,
    lanes: [{ at: event.at, lane: event.lane, mode: event.mode, why: event.laneWhy ?? 'the run began with it' }],
    sharedWaits: [],
    images: [],
    incidents: [],
    retries: 0,
    samples: [],
    cleanUps: [],
    removals: [],
    warnings: [],
  };
}
