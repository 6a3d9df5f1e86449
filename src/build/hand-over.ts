import { formatCommand } from '../engine/command-line.js';
import type { Command } from '../engine/engine.js';
import type { HandOff, HandOffFailed, HandOffTools, Ran } from '../handoff/hand-off.js';
import type { BuiltImage, JournalEvent, Verdict, VerdictClass } from '../journal/events.js';
import type { ImageSpec } from '../plan/image-spec.js';
import type { NotStarted } from '../schedule/scheduler.js';
import type { AttemptEffects } from './attempt.js';
import type { BuildProcess } from './build-process.js';
import { mebibytes } from './disk-decision.js';
import type { DiskGate } from './disk-gate.js';
import { endingOf } from './ending.js';
import { judge } from './judge.js';
import type { RetryPolicy } from './retry.js';
import { type TurnEffects, tryInTurns, whyNoOther } from './turns.js';

/** Hands a built image over to all that it goes to; resolves with the verdict on the first that failed for good. */
export type HandOver = (image: ImageSpec, built: BuiltImage, rank: number) => Promise<Verdict | undefined>;

export interface HandOverEffects extends AttemptEffects {
  /** Starts a command whose output is added to its log; never throws. */
  startCommand(command: Command, log: string): BuildProcess;
  /** The log's name in the report, for a try to hand this image over. */
  handOffLog(image: ImageSpec, to: string, attempt: number): string;
  /** A path of its own in the run's own folder, and how to remove what is there. */
  temporaryFile(name: string): { path: string; remove(): void };
  archives: HandOffTools['archives'];
  /** Folders of this machine to which a hand-off writes images, and what is free there, in bytes, where that can be seen. */
  spaceFor(saves: NonNullable<HandOff['saves']>): { folder: string; freeBytes?: number }[];
  /** Ends early when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  turns: TurnEffects;
  retry: RetryPolicy;
  /** What is being handed over now: `api → kind:e2e`. */
  handing: Set<string>;
  /** What a hand-off has to pass before it begins. */
  diskGate: DiskGate;
  /** Why a try that was due was not begun. */
  whyNotStarted(notStarted: NotStarted): Verdict;
}

type Tried = { verdict?: Verdict };
type Temporary = ReturnType<HandOverEffects['temporaryFile']>;

/** Hand-offs of one image go one after the other, beside those of other images and beside builds. */
export function createHandOver(handOffs: readonly HandOff[], effects: HandOverEffects): HandOver {
  const { now, record, retry } = effects;
  const told = new Set<string>();

  return async (image, built, rank) => {
    const kept = new Map<string, Temporary>();
    const verdict = await handToAll(image, built, rank, kept);
    for (const file of kept.values()) file.remove();
    return verdict;
  };

  async function handToAll(
    image: ImageSpec,
    built: BuiltImage,
    rank: number,
    kept: Map<string, Temporary>,
  ): Promise<Verdict | undefined> {
    for (const handOff of handOffs.filter(({ takes }) => takes?.(image) ?? true)) {
      const verdict = await handTo(handOff, image, built, rank, kept);
      if (verdict !== undefined) return verdict;
    }
    return undefined;
  }

  async function handTo(
    handOff: HandOff,
    image: ImageSpec,
    built: BuiltImage,
    rank: number,
    kept: Map<string, Temporary>,
  ): Promise<Verdict | undefined> {
    const { to } = handOff;
    const due = { image: image.name, what: `its hand-off to ${to}`, isHandOff: true, expectedBytes: built.sizeBytes };
    const { outcome, notStarted } = await tryInTurns<Tried>(
      {
        rank: () => rank,
        mayStart: () => effects.diskGate.mayStart(due),
        refused() {
          const verdict = effects.diskGate.refusal(due);
          return verdict === undefined ? undefined : { verdict };
        },
        attempt: (attempt) => tryOnce(handOff, image, built, attempt, kept),
        onRetry: (attempt, delayMs, because) =>
          record({ type: 'retry-scheduled', at: now(), image: image.name, to, attempt, delayMs, because }),
      },
      retry,
      effects.turns,
    );
    if (notStarted === undefined) return outcome?.verdict;
    return whyNoOther(outcome?.verdict, effects.whyNotStarted(notStarted));
  }

  async function tryOnce(
    handOff: HandOff,
    image: ImageSpec,
    built: BuiltImage,
    attempt: number,
    kept: Map<string, Temporary>,
  ): Promise<Tried> {
    const { to } = handOff;
    const startedAt = now();
    const before = effects.vitals();
    const log = effects.handOffLog(image, to, attempt);
    const temporary: { remove(): void }[] = [];
    record({ type: 'hand-off-started', at: startedAt, image: image.name, to, attempt, log });
    warnOfSpace(handOff, image, built);
    const name = `${image.name} → ${to}`;
    effects.handing.add(name);
    const end = await handOff.attempt(image, built, {
      run: (command) => run(command, image, log),
      wait: (ms) => effects.sleep(ms, effects.turns.signal),
      temporaryFile(name) {
        const file = effects.temporaryFile(name);
        temporary.push(file);
        return file.path;
      },
      archives: effects.archives,
      signal: AbortSignal.any([effects.signal, effects.deadline]),
      takeLine: effects.takeId,
      keptFile: (name, make) => keep(name, make, kept),
    });
    for (const file of temporary) file.remove();
    effects.handing.delete(name);

    const about = { type: 'hand-off-ended', image: image.name, to, attempt } as const;
    if (end.failed === undefined) {
      const { failed, ...done } = end;
      record({ ...about, at: now(), ...done });
      return {};
    }
    const failure = await judgeFailure(end, startedAt, before);
    record({ ...about, at: now(), ...failure });
    return { verdict: failure.verdict };
  }

  /** The disk gate knows the engine's own disk alone. */
  function warnOfSpace({ to, saves }: HandOff, { name }: ImageSpec, { sizeBytes }: BuiltImage): void {
    if (saves === undefined || sizeBytes === undefined) return;
    for (const { folder, freeBytes } of effects.spaceFor(saves)) {
      const key = JSON.stringify([name, folder]);
      if (freeBytes === undefined || freeBytes >= sizeBytes || told.has(key)) continue;
      told.add(key);
      const free = `${mebibytes(freeBytes)} are free in ${folder}`;
      const message = `"${name}": ${free}, and its hand-off to ${to} may need about ${mebibytes(sizeBytes)}`;
      record({ type: 'warning', at: now(), message });
    }
  }

  async function keep(
    name: string,
    make: Parameters<HandOffTools['keptFile']>[1],
    kept: Map<string, Temporary>,
  ): ReturnType<HandOffTools['keptFile']> {
    const made = kept.get(name);
    if (made !== undefined) return { path: made.path };
    const file = effects.temporaryFile(name);
    const failed = await make(file.path);
    if (failed === undefined) {
      kept.set(name, file);
      return { path: file.path };
    }
    file.remove();
    return failed;
  }

  async function run(command: Command, image: ImageSpec, log: string): Promise<Ran> {
    const child = effects.startCommand(command, log);
    const { ending, said } = await endingOf(child, image.timeoutMs, now(), effects);
    return { command, ending, stdout: said.stdout, stderr: said.stderr, tail: said.tail };
  }

  async function judgeFailure(
    end: HandOffFailed,
    startedAt: number,
    before: ReturnType<AttemptEffects['vitals']>,
  ): Promise<Failure & { verdict: Verdict }> {
    if (isSentence(end)) return { said: end.failed, verdict: { class: classOf(end.as), evidence: [end.failed] } };
    const { failed, said: meaning, ...about } = end;
    const { command, ending, tail } = failed;
    const judged = await judge(ending, failed, startedAt, before, effects, about);
    const verdict = meaning === undefined ? judged : { ...judged, evidence: [meaning, ...judged.evidence] };
    const incident =
      verdict.class === 'engine-crash' ? effects.incidents.report(startedAt, verdict.evidence) : undefined;
    return {
      said: verdict.line ?? verdict.evidence[0] ?? 'failed',
      command: formatCommand(command),
      verdict,
      tail,
      ...(incident === undefined ? {} : { incident }),
    };
  }

  /** Work that was cut short fails as whatever cut it short. */
  function classOf(as: VerdictClass = 'usage-error'): VerdictClass {
    if (effects.signal.aborted) return 'cancelled';
    return effects.deadline.aborted ? 'timeout' : as;
  }
}

/** Nothing that ran failed: something was wrong with what there was to hand over. */
function isSentence(end: HandOffFailed): end is Extract<HandOffFailed, { failed: string }> {
  return typeof end.failed === 'string';
}

type Failure = Pick<
  Extract<JournalEvent, { type: 'hand-off-ended' }>,
  'said' | 'command' | 'verdict' | 'tail' | 'incident'
>;
