import type { ImageResult, RunResult, Verdict } from '../journal/events.js';
import type { ImageSpec } from '../plan/image-spec.js';
import { createIncidents } from '../recover/incidents.js';
import { firstLane, laneAfterIncident, laneMode } from '../schedule/lane.js';
import { createScheduler, type NotStarted } from '../schedule/scheduler.js';
import { type AttemptEffects, type AttemptOutcome, runAttempt } from './attempt.js';
import { withRetries } from './retry.js';
import type { RunSettings } from './settings.js';

export interface RunEffects extends Omit<AttemptEffects, 'incidents'> {
  /** Ends early when the run is cancelled. */
  sleep(ms: number): Promise<void>;
}

/**
 * Builds every image: at most as many attempts at a time as the lane allows, none while an incident is open. All that
 * happens is recorded as events; resolves with the run's result and never rejects for a failed build.
 */
export async function buildImages(images: ImageSpec[], settings: RunSettings, effects: RunEffects): Promise<RunResult> {
  const { now, record, signal } = effects;
  const building = new Set<string>();
  let lane = firstLane(settings.maxParallel, settings.serialAfter);
  let stopReason = '';

  const incidents = createIncidents(settings.recoveryTimeoutMs, {
    ping: effects.ping,
    now,
    sleep: effects.sleep,
    record,
    inFlight: () => [...building],
    signal,
    onOpen: narrowLane,
  });
  const scheduler = createScheduler(lane.limit, incidents);
  signal.addEventListener('abort', () => stop(`the run was cancelled (${String(signal.reason)})`), { once: true });

  const results = await Promise.all(images.map((image, rank) => buildImage(image, rank)));
  // A cancelled run can end before the last incident does; it must not be heard of after the run.
  await incidents.opened();
  if (signal.aborted) return 'cancelled';
  return results.every((result) => result === 'success') ? 'success' : 'failure';

  function narrowLane(incident: number): void {
    const from = lane.limit;
    lane = laneAfterIncident(lane);
    if (lane.limit === from) return;
    scheduler.setLimit(lane.limit);
    const why = lane.limit === 1 ? `after incident ${incident} builds go one at a time` : `incident ${incident}`;
    record({ type: 'lane-changed', at: now(), from, lane: lane.limit, mode: laneMode(lane), why });
  }

  function stop(reason: string): void {
    stopReason ||= reason;
    scheduler.stop();
  }

  async function buildImage(image: ImageSpec, rank: number): Promise<ImageResult> {
    let attempts = 0;
    let outcome: AttemptOutcome | undefined;
    const notStarted = await withRetries<NotStarted | undefined>(
      async (attempt) => {
        const turn = await scheduler.run(rank, async () => {
          attempts = attempt;
          building.add(image.name);
          try {
            return await runAttempt(image, attempt, { ...effects, incidents });
          } finally {
            building.delete(image.name);
          }
        });
        if ('notStarted' in turn) {
          return { outcome: turn.notStarted, verdict: verdictOfNotStarted(turn.notStarted), final: true };
        }
        outcome = turn.ran;
        return { outcome: undefined, ...(turn.ran.verdict === undefined ? {} : { verdict: turn.ran.verdict }) };
      },
      settings.retry,
      {
        signal,
        onRetry: (attempt, delayMs, because) =>
          record({ type: 'retry-scheduled', at: now(), image: image.name, attempt, delayMs, because }),
      },
    );
    return end(image, attempts, outcome, notStarted);
  }

  function end(
    image: ImageSpec,
    attempts: number,
    outcome: AttemptOutcome | undefined,
    notStarted: NotStarted | undefined,
  ): ImageResult {
    const verdict = finalVerdict(outcome, notStarted);
    const result = verdict === undefined ? 'success' : verdict.class === 'cancelled' ? 'cancelled' : 'failure';
    record({
      type: 'image-ended',
      at: now(),
      image: image.name,
      result,
      attempts,
      ...(outcome?.built === undefined ? {} : { built: outcome.built }),
      ...(verdict === undefined ? {} : { verdict }),
    });
    if (result === 'failure' && settings.failFast) stop(`fail-fast: "${image.name}" failed`);
    return result;
  }

  /** An image whose last attempt crashed keeps that verdict, and is told why no other attempt followed. */
  function finalVerdict(outcome: AttemptOutcome | undefined, notStarted: NotStarted | undefined): Verdict | undefined {
    if (notStarted === undefined) return outcome?.verdict;
    const why = verdictOfNotStarted(notStarted);
    if (outcome?.verdict === undefined) return why;
    return {
      ...outcome.verdict,
      evidence: [...outcome.verdict.evidence, `not tried again: ${why.evidence.join(' ')}`],
    };
  }

  function verdictOfNotStarted(notStarted: NotStarted): Verdict {
    if (notStarted === 'stopped') return { class: 'cancelled', evidence: [stopReason] };
    const seconds = Math.round(settings.recoveryTimeoutMs / 1000);
    return {
      class: 'engine-crash',
      evidence: [`the engine did not answer again within ${seconds} s of incident ${incidents.count()}`],
    };
  }
}
