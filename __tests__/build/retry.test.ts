import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type RetryPolicy, withRetries } from '../../src/build/retry.js';
import { VERDICT_CLASSES, type VerdictClass } from '../../src/journal/events.js';

const POLICY: RetryPolicy = {
  retries: 3,
  minTimeoutMs: 5_000,
  maxTimeoutMs: 12_000,
  factor: 2,
  retryOn: ['engine-crash'],
};

/** Runs attempts with these verdicts in turn (undefined: success), on a fake clock. */
async function tries(
  verdicts: (VerdictClass | undefined)[],
  policy = POLICY,
  cancelAt?: number,
  longestWaitMs = Number.POSITIVE_INFINITY,
) {
  const cancel = new AbortController();
  const delays: number[] = [];
  let attempts = 0;
  const outcome = withRetries(
    async (number) => {
      attempts = number;
      if (number === cancelAt) cancel.abort('SIGINT');
      const verdict = verdicts[number - 1];
      return {
        outcome: verdict ?? 'built',
        ...(verdict === undefined ? {} : { verdict: { class: verdict, evidence: [] } }),
      };
    },
    policy,
    {
      signal: cancel.signal,
      mayWait: (delayMs) => delayMs <= longestWaitMs,
      onRetry: (_next, delayMs) => delays.push(delayMs),
    },
  );
  await jest.advanceTimersByTimeAsync(1_000_000);
  return { outcome: await outcome, attempts, delays };
}

describe('retrying', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('does not follow a success', async () => {
    expect(await tries([undefined])).toEqual({ outcome: 'built', attempts: 1, delays: [] });
  });

  it('follows an engine crash, backing off as the policy says', async () => {
    expect(await tries(['engine-crash', 'engine-crash', 'engine-crash', undefined])).toEqual({
      outcome: 'built',
      attempts: 4,
      delays: [5_000, 10_000, 12_000],
    });
  });

  it('ends when the retries are used up', async () => {
    const crashes = Array.from({ length: 9 }, () => 'engine-crash' as const);
    expect(await tries(crashes)).toMatchObject({ outcome: 'engine-crash', attempts: 4 });
    expect(await tries(crashes, { ...POLICY, retries: 0 })).toMatchObject({ outcome: 'engine-crash', attempts: 1 });
  });

  it.each(VERDICT_CLASSES.filter((verdict) => verdict !== 'engine-crash'))('never follows %s', async (verdict) => {
    expect(await tries([verdict, undefined])).toEqual({ outcome: verdict, attempts: 1, delays: [] });
  });

  it('follows what the policy names, and still nothing else', async () => {
    const policy = { ...POLICY, retryOn: ['registry-flake'] as VerdictClass[] };
    expect(await tries(['registry-flake', undefined], policy)).toMatchObject({ outcome: 'built', attempts: 2 });
    expect(await tries(['engine-crash', undefined], policy)).toMatchObject({ outcome: 'engine-crash', attempts: 1 });
  });

  it('does not follow a real failure that comes after a crash', async () => {
    expect(await tries(['engine-crash', 'build-failed', undefined])).toMatchObject({
      outcome: 'build-failed',
      attempts: 2,
    });
  });

  it('does not begin a wait that cannot end in time', async () => {
    const crashes = Array.from({ length: 9 }, () => 'engine-crash' as const);
    expect(await tries(crashes, POLICY, undefined, 5_000)).toMatchObject({ outcome: 'engine-crash', attempts: 2 });
  });

  it('waits for nothing once the run is cancelled, and keeps a success that came with the cancel', async () => {
    expect(await tries(['engine-crash', undefined], POLICY, 1)).toMatchObject({ outcome: 'engine-crash', attempts: 1 });
    expect(await tries([undefined], POLICY, 1)).toMatchObject({ outcome: 'built', attempts: 1 });
  });
});
