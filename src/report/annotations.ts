import type { RunReport } from '../journal/run-report.js';
import { describeShortfall, failureLines } from './failure.js';
import { isNotHandedOver } from './hand-offs.js';
import { oneLine } from './plain-text.js';

/** An error that is shown beside the code. */
export interface Annotation {
  title: string;
  message: string;
  /** Relative to the workspace where it lies inside. */
  file?: string;
  /** 1 for the first. */
  line?: number;
}

/** The runner keeps ten errors of a step (https://docs.github.com/actions/reference/limits); the step's own is one. */
const MOST = 9;

/**
 * One error for each failed image, at its Containerfile and the line that failed. An image that the engine's crash took
 * has its Containerfile and no line, as no instruction is to blame. One that was cancelled or never finished has none:
 * nothing is known to be wrong with it, and the step's own error names it; nor has one that was skipped, as what it needs has
 * one. What could not be handed over is at no file: no Containerfile is to blame.
 */
export function annotationsOf(report: RunReport): Annotation[] {
  // Each engine that did not come back has been told as an error while it happened.
  const told = report.incidents.filter((incident) => incident.answered === false).length;
  const failed = new Map(
    report.images.filter(({ result }) => result === 'failure').map((image) => [image.name, image]),
  );
  return failureLines(report)
    .flatMap(({ image: name, message }) => {
      const image = failed.get(name);
      if (image === undefined) return [];
      const { file } = image;
      const line = image.attempts.at(-1)?.line;
      const place =
        file === undefined || isNotHandedOver(image) ? {} : { file, ...(line === undefined ? {} : { line }) };
      return [{ title: oneLine(name, 100), message, ...place }];
    })
    .slice(0, Math.max(0, MOST - told));
}

/** The step's own error: how many images were not built, how many of the failed ones had no room above, and all names. */
export function stepError(report: RunReport, annotated: number): string {
  const lines = failureLines(report);
  const failed = report.images.filter(({ result }) => result === 'failure').length;
  const more = annotated > 0 && failed > annotated ? ` (${failed - annotated} more than are annotated)` : '';
  const names = lines.map(({ message }) => message).join('\n');
  // What hand-offs do at the end can fail when every image has its own success.
  if (lines.length === 0) return report.warnings.at(-1) ?? 'the run failed';
  return `${describeShortfall(report, 'were ')}${more}:\n${names}`;
}
