import type { VerdictClass } from '../journal/events.js';
import type { AttemptReport, ImageReport, RunReport } from '../journal/run-report.js';

/** What became of an image or an attempt, in one word: `success`, the class of its verdict, `skipped`, or `unfinished`. */
export type Outcome = 'success' | 'skipped' | 'unfinished' | VerdictClass;

/** What became of the image. */
export function imageOutcome(image: ImageReport): Outcome {
  if (image.result === 'failure') return image.verdict?.class ?? 'build-failed';
  return image.result === 'cancelled' ? (image.verdict?.class ?? 'cancelled') : image.result;
}

/** What became of the attempt. */
export function attemptOutcome(attempt: AttemptReport): Outcome {
  if (attempt.verdict !== undefined) return attempt.verdict.class;
  return attempt.built === undefined ? 'unfinished' : 'success';
}

/** Images that have no success at the end, in the run's order. */
export function imagesWithoutSuccess(report: RunReport): ImageReport[] {
  return report.images.filter((image) => image.result !== 'success');
}
