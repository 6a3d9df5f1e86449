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
import type { Making } from './pruner.js';
import { withKernelUsage } from './usage.js';

/** An image that was built and cannot be looked at is looked for again after the engine is back, so often. */
const LOOKS_FOR_IMAGE = 3;

export interface AttemptEffects {
  engine: Engine;
  incidents: Incidents;
  /** Starts a build whose output goes to its log, and tells the steps that the output tells; never throws. */
  start(image: ImageSpec, command: Command, files: AttemptFiles, onStep: (step: BuildStep) => void): BuildProcess;
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
  | { built: BuiltImage; making: Making; verdict?: undefined }
  | { built?: undefined; verdict: Verdict };

/** Runs the engine's build command once, checks that the image exists, and gives the verdict when it does not. */
export async function runAttempt(image: ImageSpec, attempt: number, effects: AttemptEffects): Promise<AttemptOutcome> {
  const { engine, incidents, now, record } = effects;
  const files = effects.files(image, attempt);
  const { iidfile, log } = files;
  const command = engine.build(image, iidfile);
  const startedAt = now();
  const before = effects.vitals();
  const child = effects.start(image, command, files, (step) =>
    record({ type: 'step-started', at: now(), image: image.name, attempt, ...step }),
  );
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
  const id = effects.takeId(iidfile);
  const built =
    itsEnding.kind === 'exited' && itsEnding.code === 0 && id !== undefined
      ? await lookForImage(id, startedAt, effects)
      : undefined;
  // A run that is cancelled meanwhile waits for no answer, and none that was cut short says anything of the engine.
  const cutShort = built === undefined && itsEnding.kind === 'exited' && itsEnding.code === 0 && effects.signal.aborted;
  const ending: Ending = cutShort ? { kind: 'cancelled', reason: String(effects.signal.reason) } : itsEnding;

  const verdict = built === undefined ? await judge(ending, said, startedAt, before, effects) : undefined;
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
  return built === undefined ? { verdict: verdict as Verdict } : { built, making: { startedAt, endedAt: now(), log } };
}

/** Whoever fails by itself clears away what it made. */
function isInterrupted(ending: Ending, verdict: Verdict): boolean {
  return verdict.class === 'engine-crash' || (ending.kind !== 'exited' && ending.kind !== 'not-spawned');
}

/**
 * Exit 0 proves nothing (podman 4.1–5.2 exits 0 without an image when it got SIGTERM): the engine must show the image.
 * When the engine does not answer, that is an incident of its own, and the image is looked for once it is back.
 */
async function lookForImage(id: string, startedAt: number, effects: AttemptEffects): Promise<BuiltImage | undefined> {
  for (let look = 1; look <= LOOKS_FOR_IMAGE; look += 1) {
    const result = await effects.ask(effects.engine.inspect(id));
    if (result.code === 0) return effects.engine.readInspect(result.stdout);
    const answer = await effects.ping();
    if (answer.alive) return undefined;
    effects.incidents.report(startedAt, [`the engine does not answer when asked for a finished image: ${answer.said}`]);
    if (!(await effects.incidents.opened())) return undefined;
  }
  return undefined;
}
