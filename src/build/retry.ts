import pRetry from 'p-retry';
import type { Verdict, VerdictClass } from '../journal/events.js';

/** How often and how fast a failed attempt may be followed by another. Times in milliseconds. */
export interface RetryPolicy {
  retries: number;
  minTimeoutMs: number;
  maxTimeoutMs: number;
  factor: number;
  /** Verdicts that are retried. */
  retryOn: readonly VerdictClass[];
}

/** What p-retry needs thrown; nothing outside this file sees it. */
class AttemptFailed extends Error {
  readonly verdict: Verdict;
  constructor(verdict: Verdict) {
    super(verdict.class);
    this.verdict = verdict;
  }
}

/** The outcome of one try as retrying sees it: a value of the caller, and the verdict when it failed. */
export interface Tried<T> {
  outcome: T;
  verdict?: Verdict;
}

/**
 * Tries until an attempt succeeds, fails for a reason that is not retried, or the retries are used up; resolves with
 * the last try's outcome. An abort ends the wait between two attempts.
 */
export async function withRetries<T>(
  attempt: (number: number) => Promise<Tried<T>>,
  policy: RetryPolicy,
  effects: {
    signal: AbortSignal;
    /** Whether a wait of so many milliseconds can end in time. */
    mayWait(delayMs: number): boolean;
    onRetry(next: number, delayMs: number, because: VerdictClass): void;
  },
): Promise<T> {
  // p-retry throws before the first attempt of an aborted run, and even that one has an outcome to report.
  if (effects.signal.aborted) return (await attempt(1)).outcome;
  let last: Tried<T> | undefined;
  try {
    await pRetry(
      async (number) => {
        last = await attempt(number);
        if (last.verdict !== undefined) throw new AttemptFailed(last.verdict);
      },
      {
        retries: policy.retries,
        minTimeout: policy.minTimeoutMs,
        maxTimeout: Math.max(policy.minTimeoutMs, policy.maxTimeoutMs),
        factor: policy.factor,
        signal: effects.signal,
        shouldRetry: ({ error, attemptNumber, retryDelay }) => {
          if (!(error instanceof AttemptFailed)) return false;
          if (!policy.retryOn.includes(error.verdict.class)) return false;
          if (!effects.mayWait(retryDelay)) return false;
          effects.onRetry(attemptNumber + 1, retryDelay, error.verdict.class);
          return true;
        },
      },
    );
  } catch (error) {
    const expected = error instanceof AttemptFailed || effects.signal.aborted;
    if (!expected || last === undefined) throw error;
  }
  if (last === undefined) throw new Error('no attempt was made');
  return last.outcome;
}
