import type { BuildStep } from '../engine/build-output.js';
import { formatCommand } from '../engine/command-line.js';
import type { Answer, Command, Engine, Question } from '../engine/engine.js';
import type { BuiltImage, Ending, JournalEvent, Usage, Verdict } from '../journal/events.js';
import type { ImageSpec } from '../plan/image-spec.js';
import type { CleanUp } from '../recover/clean-up.js';
import type { Incidents } from '../recover/incidents.js';
import type { PingAnswer } from '../recover/ping.js';
import { classify, needsEngineState } from '../verdict/classify.js';
import type { AttemptFiles } from './attempt-files.js';
import type { BuildEnd, BuildProcess } from './build-process.js';
import { withKernelUsage } from './usage.js';

/** A signal to our own process group gets this long before SIGKILL follows. */
const KILL_AFTER_TIMEOUT_MS = 10_000;
/** The runner kills us 10 s after a cancel, and the summary is still to be written. */
const KILL_AFTER_CANCEL_MS = 2_000;

/** An image that was built and cannot be looked at is looked for again after the engine is back, so often. */
const LOOKS_FOR_IMAGE = 3;

export interface AttemptEffects {
  engine: Engine;
  incidents: Incidents;
  /** Starts a build whose output goes to its log, and tells the steps that the output tells; never throws. */
  start(command: Command, files: AttemptFiles, onStep: (step: BuildStep) => void): BuildProcess;
  /** Asks the engine, within a time limit. */
  ask(question: Question): Promise<Answer>;
  /** Asks whether the engine is alive; ends early when the signal aborts, or the run is cancelled. */
  ping(signal?: AbortSignal): Promise<PingAnswer>;
  files(image: ImageSpec, attempt: number): AttemptFiles;
  /** Reads the id and removes the file; undefined when there is none. */
  takeId(iidfile: string): string | undefined;
  /** What an attempt may run out of, on the engine's machine; absent figures could not be had. */
  vitals(): { oomKills?: number; diskFreeBytes?: number };
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
export type AttemptOutcome = { built: BuiltImage; verdict?: undefined } | { built?: undefined; verdict: Verdict };

/** Runs the engine's build command once, checks that the image exists, and gives the verdict when it does not. */
export async function runAttempt(image: ImageSpec, attempt: number, effects: AttemptEffects): Promise<AttemptOutcome> {
  const { engine, incidents, now, record } = effects;
  const files = effects.files(image, attempt);
  const { iidfile, log } = files;
  const command = engine.build(image, iidfile);
  const startedAt = now();
  const before = effects.vitals();
  const child = effects.start(command, files, (step) =>
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

  const { ending, said } = await endingOf(child, image.timeoutMs, startedAt, effects);
  const usage = withKernelUsage(effects.untrack(image.name, attempt), said.kernel);
  const id = effects.takeId(iidfile);
  const built =
    ending.kind === 'exited' && ending.code === 0 && id !== undefined
      ? await lookForImage(id, startedAt, effects)
      : undefined;

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
  return built === undefined ? { verdict: verdict as Verdict } : { built };
}

/** Whoever fails by itself clears away what it made. */
function isInterrupted(ending: Ending, verdict: Verdict): boolean {
  return verdict.class === 'engine-crash' || (ending.kind !== 'exited' && ending.kind !== 'not-spawned');
}

type Vitals = ReturnType<AttemptEffects['vitals']>;

type Said = Pick<BuildEnd, 'kernel' | 'stdout' | 'stderr' | 'tail'>;

/** Waits for the process; past its timeout, or when the run is cancelled, ends its whole process group. */
async function endingOf(
  child: BuildProcess,
  timeoutMs: number,
  startedAt: number,
  effects: AttemptEffects,
): Promise<{ ending: Ending; said: Said }> {
  let ours: Ending | undefined;
  let cancelKill = () => {};
  const end = (why: Ending, killAfterMs: number) => {
    if (ours !== undefined) return;
    ours = why;
    child.kill('SIGTERM');
    cancelKill = effects.timer(killAfterMs, () => child.kill('SIGKILL'));
  };
  const cancelTimeout = effects.timer(timeoutMs, () =>
    end({ kind: 'timed-out', afterMs: timeoutMs }, KILL_AFTER_TIMEOUT_MS),
  );
  const stopListening = [
    onAbort(effects.signal, () =>
      end({ kind: 'cancelled', reason: String(effects.signal.reason) }, KILL_AFTER_CANCEL_MS),
    ),
    onAbort(effects.deadline, () => end({ kind: 'deadline', afterMs: effects.deadlineMs }, KILL_AFTER_CANCEL_MS)),
    onAbort(effects.incidents.hung(), () =>
      end({ kind: 'hung', silentMs: effects.now() - child.lastOutputAt() }, KILL_AFTER_CANCEL_MS),
    ),
  ];
  const stopWatching = watchSilence(child, startedAt, effects);

  const said = await child.ended;

  cancelTimeout();
  cancelKill();
  stopWatching();
  for (const stop of stopListening) stop();
  return { ending: ours ?? theirEnding(said), said };
}

/** Calls back when the signal aborts, or at once when it has; the function that it returns stops listening. */
function onAbort(signal: AbortSignal, callback: () => void): () => void {
  if (signal.aborted) callback();
  signal.addEventListener('abort', callback, { once: true });
  return () => signal.removeEventListener('abort', callback);
}

/**
 * A build may be silent for long and healthy; a server that hangs drops no stream. So silence is only a reason to ask:
 * two pings without an answer are a hang, and an answer means that the build is left alone.
 */
function watchSilence(child: BuildProcess, startedAt: number, effects: AttemptEffects): () => void {
  const { stallTimeoutMs, incidents, now } = effects;
  let over = false;
  let cancel = effects.timer(stallTimeoutMs, () => void look());
  return () => {
    over = true;
    cancel();
  };

  async function look(): Promise<void> {
    const silentMs = now() - child.lastOutputAt();
    if (silentMs >= stallTimeoutMs && incidents.isOpen()) {
      const [first, second] = [await effects.ping(), await effects.ping()];
      // Pings of a run that is cancelled or out of time are cut short, and say nothing of the engine.
      if (over || effects.signal.aborted || effects.deadline.aborted) return;
      if (!first.alive && !second.alive) {
        const seconds = Math.round(silentMs / 1000);
        incidents.reportHang(startedAt, [
          `a build was silent for ${seconds} s, and two pings had no answer: ${second.said}`,
        ]);
        return;
      }
      cancel = effects.timer(stallTimeoutMs, () => void look());
      return;
    }
    cancel = effects.timer(Math.max(100, stallTimeoutMs - silentMs), () => void look());
  }
}

function theirEnding(said: { code?: number; signal?: string; failure?: string }): Ending {
  if (said.signal !== undefined) return { kind: 'signalled', signal: said.signal };
  if (said.code !== undefined) return { kind: 'exited', code: said.code };
  return { kind: 'not-spawned', reason: said.failure ?? 'unknown' };
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

/** The verdict on an attempt that left no image; the engine is asked only where its state decides. */
async function judge(
  ending: Ending,
  said: Said,
  startedAt: number,
  before: Vitals,
  effects: AttemptEffects,
): Promise<Verdict> {
  const after = effects.vitals();
  const oomKills =
    before.oomKills === undefined || after.oomKills === undefined ? undefined : after.oomKills - before.oomKills;
  const evidence = {
    dialect: effects.engine.facts.dialect,
    ending,
    imageExists: false,
    stdout: said.stdout,
    stderr: said.stderr,
    ...(oomKills === undefined ? {} : { oomKills }),
  };
  const engineDied = needsEngineState(evidence)
    ? (await effects.incidents.noticed(startedAt)) !== undefined || !(await effects.ping()).alive
    : undefined;
  const verdict = classify(engineDied === undefined ? evidence : { ...evidence, engineDied });
  if (verdict === undefined) {
    return { class: 'build-failed', evidence: ['the client reported success and the engine has no such image'] };
  }
  return verdict.class === 'resources-exhausted' ? withFreeSpace(verdict, before, after) : verdict;
}

/** Full disks are told by what was free before and after, where that can be seen. */
function withFreeSpace(verdict: Verdict, before: Vitals, after: Vitals): Verdict {
  if (before.diskFreeBytes === undefined || after.diskFreeBytes === undefined) return verdict;
  const free = `free where images are stored: ${mebibytes(before.diskFreeBytes)} before, ${mebibytes(after.diskFreeBytes)} after`;
  return { ...verdict, evidence: [...verdict.evidence, free] };
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
