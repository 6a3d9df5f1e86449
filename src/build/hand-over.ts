import { formatCommand } from '../engine/command-line.js';
import type { Command } from '../engine/engine.js';
import type { HandOff, HandOffFailed, Ran } from '../handoff/hand-off.js';
import type { BuiltImage, JournalEvent, Verdict } from '../journal/events.js';
import type { ImageSpec } from '../plan/image-spec.js';
import type { NotStarted } from '../schedule/scheduler.js';
import type { AttemptEffects } from './attempt.js';
import type { BuildProcess } from './build-process.js';
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
  turns: TurnEffects;
  retry: RetryPolicy;
  /** What is being handed over now: `api → kind:e2e`. */
  handing: Set<string>;
  /** Why a try that was due was not begun. */
  whyNotStarted(notStarted: NotStarted): Verdict;
}

type Tried = { verdict?: Verdict };

/** Hand-offs of one image go one after the other, beside those of other images and beside builds. */
export function createHandOver(handOffs: readonly HandOff[], effects: HandOverEffects): HandOver {
  const { now, record, retry } = effects;

  return async (image, built, rank) => {
    for (const handOff of handOffs) {
      const verdict = await handTo(handOff, image, built, rank);
      if (verdict !== undefined) return verdict;
    }
    return undefined;
  };

  async function handTo(
    handOff: HandOff,
    image: ImageSpec,
    built: BuiltImage,
    rank: number,
  ): Promise<Verdict | undefined> {
    const { to } = handOff;
    const { outcome, notStarted } = await tryInTurns<Tried>(
      {
        rank: () => rank,
        attempt: (attempt) => tryOnce(handOff, image, built, attempt),
        onRetry: (attempt, delayMs, because) =>
          record({ type: 'retry-scheduled', at: now(), image: image.name, to, attempt, delayMs, because }),
      },
      retry,
      effects.turns,
    );
    if (notStarted === undefined) return outcome?.verdict;
    return whyNoOther(outcome?.verdict, effects.whyNotStarted(notStarted));
  }

  async function tryOnce(handOff: HandOff, image: ImageSpec, built: BuiltImage, attempt: number): Promise<Tried> {
    const { to } = handOff;
    const startedAt = now();
    const before = effects.vitals();
    const log = effects.handOffLog(image, to, attempt);
    const temporary: { remove(): void }[] = [];
    record({ type: 'hand-off-started', at: startedAt, image: image.name, to, attempt, log });
    const name = `${image.name} → ${to}`;
    effects.handing.add(name);
    const end = await handOff.attempt(image, built, {
      run: (command) => run(command, image, log),
      temporaryFile(name) {
        const file = effects.temporaryFile(name);
        temporary.push(file);
        return file.path;
      },
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
    if (typeof end.failed === 'string') {
      return { said: end.failed, verdict: { class: 'usage-error', evidence: [end.failed] } };
    }
    const { command, ending, tail } = end.failed;
    const verdict = await judge(ending, end.failed, startedAt, before, effects);
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
}

type Failure = Pick<
  Extract<JournalEvent, { type: 'hand-off-ended' }>,
  'said' | 'command' | 'verdict' | 'tail' | 'incident'
>;
