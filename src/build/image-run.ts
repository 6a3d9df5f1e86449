import type { ImageResult, Verdict } from '../journal/events.js';
import type { ImageSpec } from '../plan/image-spec.js';
import type { NotStarted } from '../schedule/scheduler.js';
import { type AttemptEffects, type AttemptOutcome, runAttempt } from './attempt.js';
import type { AwaitedImages } from './awaited-images.js';
import type { DiskGate } from './disk-gate.js';
import type { ExpectedBytes } from './expected-bytes.js';
import type { HandOver } from './hand-over.js';
import type { MemoryGate } from './memory-gate.js';
import type { Pruner } from './pruner.js';
import type { Ranking } from './ranking.js';
import type { Restorer } from './restorer.js';
import type { RetryPolicy } from './retry.js';
import type { Siblings } from './siblings.js';
import { type TurnEffects, type Turns, tryInTurns, whyNoOther } from './turns.js';

/** More than there are ranks. */
const BEHIND_ALL = 1_000_000;

export interface ImageRunEffects extends AttemptEffects {
  turns: TurnEffects;
  retry: RetryPolicy;
  /** What images wait for before they are built. */
  awaited: AwaitedImages;
  /** What of earlier runs images can be taken from, so that they have no attempt. */
  restorer: Restorer;
  /** Names of the images that are being built now. */
  building: Set<string>;
  /** Names of the images that are built, and have not come to their end. */
  finishing: Set<string>;
  /** Hands a built image over to wherever it was asked for; resolves with the verdict on the first that failed for good. */
  handOver: HandOver;
  /** What a build of this image has to pass before it begins. */
  diskGate: DiskGate;
  memoryGate: MemoryGate;
  /** In which order images build, and which of them alone. */
  ranking: Ranking;
  expectedBytes: ExpectedBytes;
  siblings: Siblings;
  /** Is told of each image's end, and what was handed over. */
  pruner: Pick<Pruner, 'ended' | 'isRemovingLayers'>;
  /** An image failed for good. */
  onFailure(image: ImageSpec): void;
  /** Why an attempt that was due was not begun. */
  whyNotStarted(notStarted: NotStarted): Verdict;
  /** Why the run was cancelled, if it was. */
  whyCancelled(): Verdict | undefined;
}

/**
 * Waits until all is built that the image needs, builds it by as many attempts as it may have, hands it over, and records
 * its end. Those that need it wait for its build alone, not until it is handed over.
 */
export async function runImage(image: ImageSpec, effects: ImageRunEffects): Promise<ImageResult> {
  const skipped = await effects.awaited.needsOf(image);
  if (skipped !== undefined) return endSkipped(image, skipped, effects);
  const restored = await effects.restorer.restore(image);
  if (restored !== undefined) effects.finishing.add(image.name);
  const turns: Turns<AttemptOutcome> = restored === undefined ? await buildInTurns(image, effects) : { attempts: 0 };
  const failed = restored === undefined ? whyNotBuilt(turns, effects) : undefined;
  const built = restored ?? turns.outcome?.built;
  effects.awaited.ended(image.name, built === undefined ? (failed?.class ?? 'build-failed') : true);
  const verdict =
    failed ?? (built === undefined ? undefined : await effects.handOver(image, built, effects.ranking.rank(image)));
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
  const made = turns.outcome;
  effects.pruner.ended(image, result === 'success' && made?.built !== undefined ? made : undefined);
  effects.finishing.delete(image.name);
  return result;
}

/** What it needs failed of its own, and was told then: this is no failure more. In a cancelled run it is one of the rest. */
function endSkipped(image: ImageSpec, skipped: string, effects: ImageRunEffects): ImageResult {
  const cancelled = effects.whyCancelled();
  const result = cancelled === undefined ? 'skipped' : 'cancelled';
  effects.awaited.ended(image.name, result);
  const ended = { type: 'image-ended', at: effects.now(), image: image.name, result, attempts: 0 } as const;
  effects.record({ ...ended, ...(cancelled === undefined ? { skipped } : { verdict: cancelled }) });
  effects.pruner.ended(image);
  return result;
}

function buildInTurns(image: ImageSpec, effects: ImageRunEffects): Promise<Turns<AttemptOutcome>> {
  const { building, retry, now, record, diskGate, memoryGate, pruner, ranking, siblings } = effects;
  const due = () => ({
    image: image.name,
    what: 'its build',
    isHandOff: false,
    expectedBytes: effects.expectedBytes.build(image),
  });
  return tryInTurns<AttemptOutcome>(
    {
      rank: () => ranking.rank(image) + (siblings.yields(image) ? BEHIND_ALL : 0),
      alone: () => ranking.isAlone(image),
      mayStart: (running) =>
        siblings.mayStart(image) &&
        !pruner.isRemovingLayers() &&
        memoryGate.mayStart(image, running) &&
        diskGate.mayStart(due()),
      refused() {
        const verdict = diskGate.refusal(due());
        return verdict === undefined ? undefined : { verdict };
      },
      attempt: async (attempt) => {
        let built = false;
        // Before anything is waited for: the next image is asked right now whether it may start beside this one.
        building.add(image.name);
        siblings.began(image);
        try {
          const ran = await runAttempt(image, attempt, effects);
          if (ran.built !== undefined) {
            built = true;
            effects.finishing.add(image.name);
            effects.restorer.built(image, ran.built);
          }
          // Within its place: the next build would begin in the moment in which this one gives its place back.
          const forGood = ran.verdict !== undefined && !retry.retryOn.includes(ran.verdict.class);
          if (forGood && ran.verdict?.class !== 'cancelled') effects.onFailure(image);
          return ran;
        } finally {
          building.delete(image.name);
          siblings.ended(image, built);
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
