import type { ImageResult, Verdict } from '../journal/events.js';
import type { ImageSpec } from '../plan/image-spec.js';
import type { NotStarted } from '../schedule/scheduler.js';
import { type AttemptEffects, type AttemptOutcome, runAttempt } from './attempt.js';
import type { HandOver } from './hand-over.js';
import type { RetryPolicy } from './retry.js';
import { type TurnEffects, type Turns, tryInTurns, whyNoOther } from './turns.js';

export interface ImageRunEffects extends AttemptEffects {
  turns: TurnEffects;
  retry: RetryPolicy;
  /** Names of the images that are being built now. */
  building: Set<string>;
  /** Hands a built image over to wherever it was asked for; resolves with the verdict on the first that failed for good. */
  handOver: HandOver;
  /** An image failed for good. */
  onFailure(image: ImageSpec): void;
  /** Why an attempt that was due was not begun. */
  whyNotStarted(notStarted: NotStarted): Verdict;
}

/** Builds an image, by as many attempts as it may have, hands it over, and records its end. */
export async function runImage(image: ImageSpec, rank: number, effects: ImageRunEffects): Promise<ImageResult> {
  const turns = await buildInTurns(image, rank, effects);
  const failed = whyNotBuilt(turns, effects);
  const built = turns.outcome?.built;
  const verdict = failed ?? (built === undefined ? undefined : await effects.handOver(image, built, rank));
  const result = verdict === undefined ? 'success' : verdict.class === 'cancelled' ? 'cancelled' : 'failure';
  effects.record({
    type: 'image-ended',
    at: effects.now(),
    image: image.name,
    result,
    attempts: turns.attempts,
    ...(built === undefined ? {} : { built }),
    ...(verdict === undefined ? {} : { verdict }),
  });
  if (result === 'failure') effects.onFailure(image);
  return result;
}

function buildInTurns(image: ImageSpec, rank: number, effects: ImageRunEffects): Promise<Turns<AttemptOutcome>> {
  const { building, retry, now, record } = effects;
  return tryInTurns<AttemptOutcome>(
    {
      rank: () => rank,
      attempt: async (attempt) => {
        building.add(image.name);
        try {
          const ran = await runAttempt(image, attempt, effects);
          // Within its place: the next build would begin in the moment in which this one gives its place back.
          const forGood = ran.verdict !== undefined && !retry.retryOn.includes(ran.verdict.class);
          if (forGood && ran.verdict?.class !== 'cancelled') effects.onFailure(image);
          return ran;
        } finally {
          building.delete(image.name);
        }
      },
      onRetry: (attempt, delayMs, because) =>
        record({ type: 'retry-scheduled', at: now(), image: image.name, attempt, delayMs, because }),
    },
    retry,
    effects.turns,
  );
}

function whyNotBuilt({ outcome, notStarted }: Turns<AttemptOutcome>, effects: ImageRunEffects): Verdict | undefined {
  return notStarted === undefined ? outcome?.verdict : whyNoOther(outcome?.verdict, effects.whyNotStarted(notStarted));
}
