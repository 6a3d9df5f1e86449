import type { Usage, Verdict } from '../../journal/events.js';
import type { AttemptReport, HandOffReport, ImageReport, RunReport } from '../../journal/run-report.js';
import { describeEnding } from '../ending.js';
import { whatHappened } from '../failure.js';
import { formatBytes, formatCount, formatDuration } from '../figures.js';
import { handOffOutcome, isNotHandedOver } from '../hand-offs.js';
import { attemptOutcome, imageOutcome } from '../outcome.js';
import { lastLines, oneLine } from '../plain-text.js';
import { stepSpans } from '../step-spans.js';
import { describeWait, waitsOf } from '../waits.js';
import { imageMs } from '../wall-time.js';
import { logLink } from './log-link.js';
import type { AttemptData, Fact, HandOffData, ImageData } from './report-data.js';

const TAIL_LINES = 400;
const TAIL_CHARACTERS = 24_000;
const NAME = 200;
const SENTENCE = 500;
const COMMAND = 4_000;
const MOST_EVIDENCE = 20;

/** Gives out room for tails of logs until none is left. */
export interface TailRoom {
  take(characters: number): boolean;
}

/** What the report shows of an image; times from the run's start on. */
export function imageData(image: ImageReport, report: RunReport, room: TailRoom): ImageData {
  const since = (at: number) => at - report.startedAt;
  return {
    name: oneLine(image.name, NAME) || '(no name)',
    tags: oneLine(image.tags.join(' '), SENTENCE),
    outcome: imageOutcome(image),
    durationMs: imageMs(image, report),
    attempts: image.attempts.map((attempt) => attemptData(attempt, report, room)),
    waits: waitsOf(image, report).map((wait) => ({
      from: since(wait.from),
      until: since(wait.until),
      ...(wait.after === undefined ? {} : { after: wait.after }),
      why: describeWait(wait),
    })),
    handOffs: image.handOffs.map((handOff) => handOffData(handOff, report, room)),
    ...(image.built === undefined ? {} : { built: builtText(image.built) }),
    ...noteOf(image),
  };
}

/** What its attempts do not tell. */
function noteOf(image: ImageReport): { note?: string } {
  const { restored } = image;
  if (restored !== undefined && !isNotHandedOver(image)) {
    return {
      note: `restored from ${restored.from === 'engine' ? "the engine's store" : 'the cache service'}: built ${formatDuration(restored.ageMs)} before, key ${oneLine(restored.key, NAME)}`,
    };
  }
  if (image.skipped !== undefined) return { note: oneLine(image.skipped, SENTENCE) };
  return isNotHandedOver(image) ? { note: oneLine(whatHappened(image), SENTENCE) } : {};
}

function handOffData(handOff: HandOffReport, report: RunReport, room: TailRoom): HandOffData {
  const since = (at: number) => at - report.startedAt;
  const { to, number, startedAt, endedAt, said, digest, bytes, command, incident, verdict } = handOff;
  return {
    to: oneLine(to, NAME),
    number,
    from: since(startedAt),
    until: since(Math.max(startedAt, endedAt ?? report.endedAt)),
    outcome: handOffOutcome(handOff),
    said: oneLine(said ?? 'no end', SENTENCE),
    facts: [
      ...(bytes === undefined ? [] : [{ name: 'Moved', value: formatBytes(bytes) }]),
      ...(digest === undefined ? [] : [{ name: 'Digest', value: oneLine(digest, NAME) }]),
      ...(incident === undefined ? [] : [{ name: 'Incident', value: String(incident) }]),
    ],
    evidence: evidenceOf(verdict),
    ...(verdict?.line === undefined ? {} : { line: oneLine(verdict.line, SENTENCE) }),
    ...(command === undefined ? {} : { command: oneLine(command, COMMAND) }),
    ...logOf(handOff, room),
  };
}

function evidenceOf(verdict: Verdict | undefined): string[] {
  return (verdict?.evidence ?? []).slice(0, MOST_EVIDENCE).map((sentence) => oneLine(sentence, SENTENCE));
}

function logOf({ log, tail = '' }: { log: string; tail?: string }, room: TailRoom): LogData {
  const href = logLink(log);
  const end = lastLines(tail, TAIL_LINES, TAIL_CHARACTERS);
  return {
    ...(href === undefined ? {} : { log: { name: oneLine(log, NAME), href } }),
    ...(end === '' ? {} : room.take(end.length) ? { tail: end } : { tailLeftOut: true as const }),
  };
}

type LogData = Pick<AttemptData, 'log' | 'tail' | 'tailLeftOut'>;

function attemptData(attempt: AttemptReport, report: RunReport, room: TailRoom): AttemptData {
  const since = (at: number) => at - report.startedAt;
  const { verdict, incident } = attempt;
  return {
    number: attempt.number,
    from: since(attempt.startedAt),
    until: since(Math.max(attempt.startedAt, attempt.endedAt ?? report.endedAt)),
    outcome: attemptOutcome(attempt),
    ending: oneLine(describeEnding(attempt.ending), SENTENCE),
    ...(incident === undefined ? {} : { incident }),
    evidence: evidenceOf(verdict),
    ...(verdict?.line === undefined ? {} : { line: oneLine(verdict.line, SENTENCE) }),
    command: oneLine(attempt.command, COMMAND),
    usage: usageFacts(attempt.usage),
    steps: stepSpans(attempt, report).map(({ at, until, step, text, cached }) => ({
      from: since(at),
      until: since(until),
      step: oneLine(step, 40),
      text: oneLine(text, NAME),
      ...(cached ? { cached: true as const } : {}),
    })),
    ...logOf(attempt, room),
  };
}

/** The kernel's own figures are the better ones: they hold what ran too short to be looked at. */
function usageFacts({ kernel, ...looked }: Usage): Fact[] {
  const usage = { ...looked, ...kernel };
  const facts: [string, number | undefined, (value: number) => string][] = [
    ['User CPU', usage.userMs, formatDuration],
    ['System CPU', usage.systemMs, formatDuration],
    ['Peak RSS', usage.peakRssBytes, formatBytes],
    ["Steps' peak RSS", usage.stepPeakRssBytes, formatBytes],
    ['Voluntary switches', usage.voluntarySwitches, formatCount],
    ['Involuntary switches', usage.involuntarySwitches, formatCount],
    ['Messages sent', kernel?.messagesSent, formatCount],
    ['Messages received', kernel?.messagesReceived, formatCount],
    ['Signals', kernel?.signals, formatCount],
  ];
  return facts.flatMap(([name, value, format]) => (value === undefined ? [] : [{ name, value: format(value) }]));
}

function builtText({ id, sizeBytes }: { id: string; sizeBytes?: number }): string {
  return sizeBytes === undefined ? oneLine(id, NAME) : `${oneLine(id, NAME)}, ${formatBytes(sizeBytes)}`;
}
