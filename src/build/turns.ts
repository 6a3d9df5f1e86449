import type { Verdict, VerdictClass } from '../journal/events.js';
import type { NotStarted, Scheduler } from '../schedule/scheduler.js';
import { type RetryPolicy, withRetries } from './retry.js';

/** What came of all the tries of a piece of work. */
export interface Turns<T> {
  /** How many tries were begun. */
  attempts: number;
  /** Of the last one that was begun; absent when none was. */
  outcome?: T;
  /** Why no other was begun, though one was due. */
  notStarted?: NotStarted;
}

export interface TurnEffects {
  scheduler: Scheduler;
  /** Nothing is waited for any more when it aborts. */
  signal: AbortSignal;
  /** Whether a wait of so many milliseconds can end in time. */
  mayWait(delayMs: number): boolean;
}

/**
 * Does a piece of work until a try succeeds, fails for a reason that is not retried, or the retries are used up. Each try
 * has a turn of its own in the lane, so that work that waits for its backoff or for the engine holds no place.
 */
export async function tryInTurns<T extends { verdict?: Verdict | undefined }>(
  work: {
    rank(): number;
    alone?(): boolean;
    mayStart?(running: number): boolean;
    /** What comes of a turn that must fail before anything of it begins; it is no attempt. */
    refused?(): T | undefined;
    attempt(number: number): Promise<T>;
    onRetry(next: number, delayMs: number, because: VerdictClass): void;
  },
  policy: RetryPolicy,
  { scheduler, signal, mayWait }: TurnEffects,
): Promise<Turns<T>> {
  const turns: Turns<T> = { attempts: 0 };
  const notStarted = await withRetries<NotStarted | undefined>(
    async (number) => {
      const turn = await scheduler.run({
        rank: work.rank,
        ...(work.alone === undefined ? {} : { alone: work.alone }),
        ...(work.mayStart === undefined ? {} : { mayStart: work.mayStart }),
        run: async () => {
          const refused = work.refused?.();
          if (refused !== undefined) return refused;
          turns.attempts = number;
          return work.attempt(number);
        },
      });
      if ('notStarted' in turn) return { outcome: turn.notStarted };
      turns.outcome = turn.ran;
      const { verdict } = turn.ran;
      return { outcome: undefined, ...(verdict === undefined ? {} : { verdict }) };
    },
    policy,
    { signal, mayWait, onRetry: work.onRetry },
  );
  return notStarted === undefined ? turns : { ...turns, notStarted };
}

/** Work whose last try crashed keeps that verdict, and is told why no other try followed. */
export function whyNoOther(last: Verdict | undefined, why: Verdict): Verdict {
  if (last === undefined) return why;
  return { ...last, evidence: [...last.evidence, `not tried again: ${why.evidence.join(' ')}`] };
}
