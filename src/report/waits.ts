import type { ImageReport, RunReport } from '../journal/run-report.js';
import { formatDuration } from './figures.js';
import { oneLine } from './plain-text.js';

/** A time in which an image was not built though it was not finished; milliseconds since the epoch. */
export interface Wait {
  from: number;
  until: number;
  /** The attempt before it; absent when it waited for its first. */
  after?: number;
  /** The images that it waited for; absent when all of them were built. */
  needs?: string[];
  /** How much of it the engine was dead. */
  engineDeadMs: number;
  /** How much of it other runs on the engine had their turn. */
  otherRunsMs: number;
  /** Backoff that the next attempt was given; it runs beside the other reasons. */
  backoffMs?: number;
}

/** Less between what it needs and its first attempt is no waiting of another kind. */
const LEAST_MS = 100;
const MOST_NAME = 60;

/**
 * When an image waited: for what it needs, for its first attempt, between attempts, and when it never had one until its end,
 * or the run's.
 */
export function waitsOf(image: ImageReport, report: RunReport): Wait[] {
  const waits: Wait[] = [];
  const wait = (from: number, until: number, more: Pick<Wait, 'after' | 'needs' | 'backoffMs'>) => {
    if (until <= from) return;
    const engineDeadMs = deadMs(from, until, report);
    // Before it is ready, it is nobody's turn that it waits for.
    const otherRunsMs = more.needs === undefined ? sharedMs(from + (more.backoffMs ?? 0), until, report) : 0;
    waits.push({ from, until, engineDeadMs, otherRunsMs, ...more });
  };
  let from: number | undefined = report.startedAt;
  let after: number | undefined;
  const { needs = [] } = image;
  const first =
    image.attempts[0]?.startedAt ??
    image.restored?.at ??
    (image.skipped === undefined ? report.endedAt : image.endedAt);
  if (needs.length > 0 && first !== undefined) {
    const ready = readyAt(needs, report);
    const until = ready !== undefined && first - ready >= LEAST_MS ? ready : first;
    wait(from, until, { needs });
    from = Math.max(from, until);
  }
  for (const attempt of image.attempts) {
    if (from !== undefined) {
      wait(from, attempt.startedAt, {
        ...(after === undefined ? {} : { after }),
        ...(attempt.delayMs === undefined ? {} : { backoffMs: attempt.delayMs }),
      });
    }
    from = attempt.endedAt;
    after = attempt.number;
  }
  if (image.attempts.length === 0 && image.skipped === undefined && from !== undefined) {
    wait(from, image.restored?.at ?? report.endedAt, {});
  }
  return waits;
}

/** When the last of these was built; undefined when one was not. */
function readyAt(needs: readonly string[], { images }: RunReport): number | undefined {
  let latest: number | undefined;
  for (const need of needs) {
    const image = images.find(({ name }) => name === need);
    const built = image?.attempts.find((attempt) => attempt.built !== undefined)?.endedAt ?? image?.restored?.at;
    if (built === undefined) return undefined;
    latest = Math.max(latest ?? built, built);
  }
  return latest;
}

/** Why it waited, in words: `after attempt 1: engine dead for 2.3s, backoff of 5.0s`, or `for base`. */
export function describeWait(wait: Wait): string {
  const reasons = [
    ...(wait.engineDeadMs > 0 ? [`engine dead for ${formatDuration(wait.engineDeadMs)}`] : []),
    ...(wait.otherRunsMs > 0 ? [`other runs on the engine for ${formatDuration(wait.otherRunsMs)}`] : []),
    ...(wait.backoffMs === undefined ? [] : [`backoff of ${formatDuration(wait.backoffMs)}`]),
  ];
  const when = wait.after === undefined ? `for ${whatFor(wait.needs)}` : `after attempt ${wait.after}`;
  return reasons.length === 0 ? when : `${when}: ${reasons.join(', ')}`;
}

function whatFor(needs: readonly string[] | undefined): string {
  const [first, ...more] = needs ?? [];
  if (first === undefined) return 'its first attempt';
  return `${oneLine(first, MOST_NAME)}${more.length > 0 ? ` and ${more.length} more` : ''}`;
}

function deadMs(from: number, until: number, { incidents, endedAt }: RunReport): number {
  return overlap(
    from,
    until,
    incidents.map(({ openedAt, closedAt }) => ({ from: openedAt, until: closedAt ?? endedAt })),
  );
}

function sharedMs(from: number, until: number, { sharedWaits }: RunReport): number {
  return overlap(from, until, sharedWaits);
}

function overlap(from: number, until: number, spans: readonly { from: number; until: number }[]): number {
  return spans.reduce((sum, span) => sum + Math.max(0, Math.min(until, span.until) - Math.max(from, span.from)), 0);
}
