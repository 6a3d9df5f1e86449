import type { BuildStep } from '../engine/build-output.js';
import { formatCommand } from '../engine/command-line.js';
import type { Answer, Command, Engine, Question } from '../engine/engine.js';
import type { BuiltImage, Ending, JournalEvent, Usage, Verdict } from '../journal/events.js';
import type { ImageSpec } from '../plan/image-spec.js';
import type { CleanUp } from '../recover/clean-up.js';
import type { Incidents } from '../recover/incidents.js';
import type { PingAnswer } from '../recover/ping.js';
import type { AttemptFiles } from './attempt-files.js';
import type { BuildProcess } from './build-process.js';
import { endingOf } from './ending.js';
import { judge, type Vitals } from './judge.js';
import type { Made, Making } from './making.js';
import type { MadeBy } from './pruner.js';
import { withKernelUsage } from './usage.js';

export interface AttemptEffects {
  engine: Engine;
  /** What an attempt does to make an image be there. */
  making: Making;
  incidents: Incidents;
  /** Starts a build whose output goes to its log, and tells the steps that the output tells; never throws. */
  start(image: ImageSpec, command: Command, files: AttemptFiles, onStep: (step: BuildStep) => void): BuildProcess;
  /** Is told the steps that an attempt comes to. */
  reached?(image: ImageSpec, step: string): void;
  /** Asks the engine, within a time limit. */
  ask(question: Question): Promise<Answer>;
  /** Asks whether the engine is alive; ends early when the signal aborts, or the run is cancelled. */
  ping(signal?: AbortSignal): Promise<PingAnswer>;
  files(image: ImageSpec, attempt: number): AttemptFiles;
  /** Reads the id and removes the file; undefined when there is none. */
  takeId(iidfile: string): string | undefined;
  /** Read before an attempt and after it. */
  vitals(): Vitals;
  /** When the engine's server was started that answers now; undefined where that cannot be seen. */
  servingSince(): number | undefined;
  /** Follows the attempt's processes until they are no longer followed, which says what they used. */
  track(image: string, attempt: number, pid: number): void;
  /** Follows the step's processes too, where they are none of the attempt's own; an empty instruction runs nothing. */
  trackStep?(image: string, attempt: number, instruction: string): void;
  untrack(image: string, attempt: number): Usage;
  now(): number;
  /** Silence after which the engine is asked whether it is still there. */
  stallTimeoutMs: number;
  /** Aborts when the run's time is over. */
  deadline: AbortSignal;
  deadlineMs: number;
  /** Calls back after so many milliseconds unless cancelled. */
  timer(ms: number, callback: () => void): () => void;
  record(event: JournalEvent): void;
  signal: AbortSignal;
  cleanUp: CleanUp;
}

/** What became of an attempt: the image that it built, or the verdict on why not. */
export type AttemptOutcome =
  | { built: BuiltImage; madeBy: MadeBy; verdict?: undefined }
  | { built?: undefined; madeBy?: undefined; verdict: Verdict };

/** Runs the command that makes the image once, checks that the image exists, and gives the verdict when it does not. */
export async function runAttempt(image: ImageSpec, attempt: number, effects: AttemptEffects): Promise<AttemptOutcome> {
  const { making, incidents, now, record } = effects;
  const files = effects.files(image, attempt);
  const { log } = files;
  const startedAt = now();
  const before = effects.vitals();
  const command = await making.prepare(image, files, effects);
  if ('class' in command) return neverBegun(image, attempt, command, startedAt, effects);
  const child = effects.start(image, command, files, (step) => {
    record({ type: 'step-started', at: now(), image: image.name, attempt, ...step });
    effects.reached?.(image, step.step);
    effects.trackStep?.(image.name, attempt, step.cached ? '' : step.text);
  });
  record({
    type: 'attempt-started',
    at: startedAt,
    image: image.name,
    attempt,
    ...(child.pid === undefined ? {} : { pid: child.pid }),
    command: formatCommand(command),
    log,
  });
  if (child.pid !== undefined) effects.track(image.name, attempt, child.pid);

  const { ending: itsEnding, said } = await endingOf(child, image.timeoutMs, startedAt, effects);
  const usage = withKernelUsage(effects.untrack(image.name, attempt), said.kernel);
  const made = await making.made(image, files, itsEnding, startedAt, effects);
  const { built } = made;
  // A run that is cancelled meanwhile waits for no answer, and none that was cut short says anything of the engine.
  const cutShort = built === undefined && itsEnding.kind === 'exited' && itsEnding.code === 0 && effects.signal.aborted;
  const ending: Ending = cutShort ? { kind: 'cancelled', reason: String(effects.signal.reason) } : itsEnding;

  const verdict = built === undefined ? await verdictOn(made, ending, said, startedAt, before, effects) : undefined;
  // Before the incident is reported, whose recovery cleans up.
  if (verdict !== undefined && isInterrupted(ending, verdict))
    effects.cleanUp.interrupted({ startedAt, endedAt: now(), log });
  const incident = verdict?.class === 'engine-crash' ? incidents.report(startedAt, verdict.evidence) : undefined;
  record({
    type: 'attempt-ended',
    at: now(),
    image: image.name,
    attempt,
    ending,
    usage,
    ...(built === undefined ? {} : { built }),
    ...(verdict === undefined ? {} : { verdict, tail: said.tail }),
    ...(incident === undefined ? {} : { incident }),
  });
  return built === undefined ? { verdict: verdict as Verdict } : { built, madeBy: { startedAt, endedAt: now(), log } };
}

/** An image that is there in the stead of what was to be there is no crash, whatever else happened. */
async function verdictOn(made: Made, ...judged: Parameters<typeof judge>): Promise<Verdict> {
  const { instead, missing } = made.built === undefined ? made : {};
  if (instead !== undefined) return { class: 'build-failed', evidence: [instead] };
  const [ending, said, startedAt, before, effects] = judged;
  return judge(ending, said, startedAt, before, effects, missing === undefined ? {} : { missing });
}

/** What the command needs could not be had. */
function neverBegun(
  image: ImageSpec,
  attempt: number,
  verdict: Verdict,
  startedAt: number,
  { now, record }: AttemptEffects,
): AttemptOutcome {
  const about = { image: image.name, attempt };
  record({ type: 'attempt-started', at: startedAt, ...about, command: '', log: '' });
  const ending: Ending = { kind: 'not-spawned', reason: verdict.evidence[0] ?? 'unknown' };
  record({ type: 'attempt-ended', at: now(), ...about, ending, usage: {}, verdict });
  return { verdict };
}

/** Whoever fails by itself clears away what it made. */
function isInterrupted(ending: Ending, verdict: Verdict): boolean {
  return verdict.class === 'engine-crash' || (ending.kind !== 'exited' && ending.kind !== 'not-spawned');
}
