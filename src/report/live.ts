import type { EngineFacts, JournalEvent } from '../journal/events.js';
import { formatCleanUp } from './clean-up.js';
import { formatBytes, formatDuration } from './figures.js';
import { formatKnown } from './history-text.js';
import { clip } from './plain-text.js';
import { present } from './present.js';

/** One line for the step log, as a thing happens. */
export interface LiveLine {
  level: 'info' | 'warning' | 'error';
  text: string;
}

export interface LiveReporter {
  /** What runs at this moment, for a log that has been quiet; undefined while nothing does. */
  heartbeat(at: number): LiveLine | undefined;
  /** The lines that say what this event is; none for events that only reports need. */
  lines(event: JournalEvent): LiveLine[];
  /** The log of a finished attempt, or of a hand-off that failed, with a title for its group; undefined for any other event. */
  finishedLog(event: JournalEvent): { title: string; log: string } | undefined;
}

/** Tells a run while it goes on, from nothing but its events. */
export function createLiveReporter(): LiveReporter {
  const running = new Map<string, Running>();
  const expected = new Map<string, number>();
  let lane = 0;
  let loads = false;
  let memory: { availableBytes?: number; engineBytes?: number } = {};
  const openedAt = new Map<number, number>();
  const keyOf = ({ image, to, attempt }: Named) => JSON.stringify([image, to, attempt]);
  const builds = () => [...running.values()].filter(({ isBuild }) => isBuild);

  return {
    heartbeat(at) {
      if (running.size === 0) return undefined;
      const told = [...running.values()]
        .slice(0, MOST_TOLD)
        .map((one) => atStep(one, at, one.isBuild ? expected.get(one.image) : undefined));
      const more = running.size > MOST_TOLD ? `, and ${running.size - MOST_TOLD} more` : '';
      return info(`running: ${told.join(', ')}${more}; lane ${lane}${memoryText(memory)}`);
    },
    finishedLog(event) {
      if (event.type !== 'attempt-ended' && event.type !== 'hand-off-ended') return undefined;
      const started = running.get(keyOf(event));
      running.delete(keyOf(event));
      // One whose command was never begun has no log.
      if (started === undefined || started.log === '') return undefined;
      if (event.type === 'hand-off-ended' && event.verdict === undefined) return undefined;
      const outcome = event.verdict?.class ?? 'success';
      return {
        title: `${started.name}: ${outcome}, ${formatDuration(event.at - started.startedAt)}`,
        log: started.log,
      };
    },
    lines(event) {
      switch (event.type) {
        case 'run-started':
          lane = event.lane;
          loads = event.loads === true;
          for (const { name, expectedMs } of event.images) if (expectedMs !== undefined) expected.set(name, expectedMs);
          return [
            info(
              `${count(event.images.length, 'image')} to ${loads ? 'load' : 'build'} on ${engineName(event.engine)}; ${event.engine.why}`,
            ),
          ].concat(
            info(
              `lane: at most ${event.lane} at a time, ${count(event.retries, 'retry', 'retries')} per image after engine crashes${event.laneWhy === undefined ? '' : ` (${event.laneWhy})`}`,
            ),
          );
        case 'attempt-started':
          running.set(keyOf(event), {
            name: attemptName(event),
            image: event.image,
            isBuild: true,
            startedAt: event.at,
            log: event.log,
          });
          return [info(`start: ${attemptName(event)} (${builds().length} running)`)];
        case 'attempt-ended': {
          const took = formatDuration(event.at - (running.get(keyOf(event))?.startedAt ?? event.at));
          if (event.verdict === undefined)
            return [info(`end: ${attemptName(event)} ${loads ? 'loaded' : 'built'} in ${took}`)];
          const incident = event.incident === undefined ? '' : ` (incident ${event.incident})`;
          const reason = event.verdict.line ?? event.verdict.evidence[0] ?? '';
          return [
            info(`end: ${attemptName(event)} failed after ${took}: ${event.verdict.class}${incident}: ${reason}`),
          ];
        }
        case 'incident-opened':
          openedAt.set(event.incident, event.at);
          return [
            warning(
              `incident ${event.incident}: the engine died; in flight: ${event.inFlight.join(', ')}. No build starts until it answers.`,
            ),
          ];
        case 'incident-reopened':
          return [
            warning(
              `incident ${event.incident}: the engine died again as it came back. No build starts until it answers.`,
            ),
          ];
        case 'sentinel':
          if (event.state === 'dropped') return [];
          return [info(`the engine gives no events stream (${event.said}), so that pings watch it`)];
        case 'recovery': {
          const outcome = event.code === 0 ? 'done' : `failed${event.said === '' ? '' : `: ${event.said}`}`;
          return [info(`incident ${event.incident}: recovery: ${event.command}: ${outcome}`)];
        }
        case 'incident-closed': {
          const waited = formatDuration(event.at - (openedAt.get(event.incident) ?? event.at));
          if (event.answered) return [info(`incident ${event.incident}: the engine answers again, ${waited} later`)];
          return [
            error(`incident ${event.incident}: the engine does not answer after ${waited}; it said: ${event.said}`),
          ];
        }
        case 'waiting-for-runs':
          return [info(`waits for ${count(event.runs, 'other run')} on the same engine (shared-lane)`)];
        case 'waited-for-runs':
          return [
            info(
              `waited ${formatDuration(event.ms)} for ${count(event.runs, 'other run')} on the same engine (shared-lane)`,
            ),
          ];
        case 'retry-scheduled':
          return [
            warning(
              `retry: ${attemptName(event)} follows in ${formatDuration(event.delayMs)} at the earliest, because of ${event.because}`,
            ),
          ];
        case 'lane-changed':
          lane = event.lane;
          return [warning(`lane: ${event.from} → ${event.lane} (${event.mode}), ${event.why}`)];
        case 'hand-off-started':
          running.set(keyOf(event), {
            name: attemptName(event),
            image: event.image,
            isBuild: false,
            startedAt: event.at,
            log: event.log,
          });
          return [info(`hand over: ${attemptName(event)}`)];
        case 'hand-off-ended':
          return [info(handOffEnd(event, running.get(keyOf(event))?.startedAt ?? event.at))];
        case 'image-ended':
          if (event.skipped !== undefined) return [info(`skipped: ${event.image}: ${event.skipped}`)];
          return event.attempts === 0 && event.built === undefined
            ? [info(`not built: ${event.image}: ${event.verdict?.evidence.join('; ') ?? ''}`)]
            : [];
        case 'image-restored': {
          const { image, built, ageMs, archiveBytes } = event;
          const from = archiveBytes === undefined ? '' : ` from the cache service (${formatBytes(archiveBytes)})`;
          return [
            info(
              `restored: ${image}: ${built.id} is in the engine${from}, built ${formatDuration(ageMs)} ago of the same`,
            ),
          ];
        }
        case 'image-remembered':
          return [];
        case 'image-not-restored':
          return [info(`not restored: ${event.image}: ${event.why}`)];
        case 'warning':
          return [warning(event.message)];
        case 'cleaned-up':
          return event.removed.length === 0
            ? []
            : [info(`cleaned up after builds that were interrupted: ${formatCleanUp(event)}`)];
        case 'image-removed':
          return [info(`removed from the engine: ${event.image}${freedText(event)}`)];
        case 'layers-removed':
          return [
            info(
              `removed from the engine: ${count(event.layers, 'layer')} of images removed before${freedText(event)}`,
            ),
          ];
        case 'step-started': {
          const build = running.get(keyOf(event));
          if (build !== undefined) build.step = `${event.step} ${event.text}`;
          return [];
        }
        case 'history-loaded': {
          for (const { image, ms } of event.expected ?? []) expected.set(image, ms);
          const late = event.expected === undefined ? '' : ', which came after builds had begun';
          return [info(`history: ${historyText(event)}${late}`)];
        }
        case 'sample':
          memory = {
            ...present('availableBytes', event.engine?.memoryFreeBytes ?? event.host.memoryAvailableBytes),
            ...present('engineBytes', event.engine?.rssBytes),
          };
          return [];
        case 'context-measured':
        case 'engine-machine':
        case 'run-ended':
          return [];
      }
    },
  };
}

/** A step is told in so many characters. */
const MOST_STEP = 60;
/** More builds than these make a line that nobody reads. */
const MOST_TOLD = 12;

interface Named {
  image: string;
  /** Of a hand-off. */
  to?: string;
  attempt: number;
}

interface Running {
  name: string;
  image: string;
  /** Rather than a hand-off. */
  isBuild: boolean;
  startedAt: number;
  log: string;
  step?: string;
}

function atStep({ name, startedAt, step }: Running, at: number, expectedMs: number | undefined): string {
  const where = step === undefined ? '' : ` at ${clip(step, MOST_STEP)}`;
  return `${name}${where} (${formatDuration(at - startedAt)}${leftText(at - startedAt, expectedMs)})`;
}

/** A build that takes longer than usual is told so, as nobody knows what is left of it. */
function leftText(elapsedMs: number, expectedMs: number | undefined): string {
  if (expectedMs === undefined) return '';
  const leftMs = expectedMs - elapsedMs;
  return leftMs > 0 ? `, about ${formatDuration(leftMs)} left` : `, usually ${formatDuration(expectedMs)}`;
}

function historyText({ from, folder, images, runs }: Extract<JournalEvent, { type: 'history-loaded' }>): string {
  const where = from === 'file' ? `file${folder === undefined ? '' : `s in ${folder}`}` : 'cache service';
  if (runs === 0) return `no earlier run on this engine is known (${where})`;
  return `${formatKnown({ images, runs })} (${where})`;
}

function memoryText({ availableBytes, engineBytes }: { availableBytes?: number; engineBytes?: number }): string {
  const available = availableBytes === undefined ? '' : `; ${formatBytes(availableBytes)} of memory available`;
  return `${available}${engineBytes === undefined ? '' : `, the engine has ${formatBytes(engineBytes)}`}`;
}

function freedText({ freedBytes }: { freedBytes?: number }): string {
  return freedBytes === undefined ? '' : `, ${formatBytes(freedBytes)} freed`;
}

function handOffEnd(event: Extract<JournalEvent, { type: 'hand-off-ended' }>, startedAt: number): string {
  const took = formatDuration(event.at - startedAt);
  if (event.verdict === undefined) {
    const moved = event.bytes === undefined ? '' : `, ${formatBytes(event.bytes)}`;
    return `handed over: ${event.image} → ${event.to}: ${event.said} (${took}${moved})`;
  }
  const incident = event.incident === undefined ? '' : ` (incident ${event.incident})`;
  return `not handed over: ${attemptName(event)} failed after ${took}: ${event.verdict.class}${incident}: ${event.said}`;
}

function attemptName({ image, to, attempt }: Named): string {
  return `${image}${to === undefined ? '' : ` → ${to}`}, attempt ${attempt}`;
}

function engineName(engine: EngineFacts): string {
  const where = engine.address ?? (engine.served ? 'its default server' : 'local');
  return `${engine.name} ${engine.version} (${engine.dialect}, ${where})`;
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

const info = (text: string): LiveLine => ({ level: 'info', text });
const warning = (text: string): LiveLine => ({ level: 'warning', text });
const error = (text: string): LiveLine => ({ level: 'error', text });
