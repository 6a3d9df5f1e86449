import type { ImageReport, RunReport } from '../journal/run-report.js';
import { plural } from './figures.js';
import { imageOutcome, imagesWithoutSuccess } from './outcome.js';
import { oneLine } from './plain-text.js';

/** One line for each image without success, such as `api: engine-crash after 4 attempts: Error: unexpected EOF`. */
export function failureLines(report: RunReport): { image: string; message: string }[] {
  return imagesWithoutSuccess(report).map((image) => ({
    image: image.name,
    message: `${oneLine(image.name, 100)}: ${whatHappened(image)}${reason(image)}`,
  }));
}

/** Its verdict and number of attempts: `engine-crash after 4 attempts`. */
export function whatHappened(image: ImageReport): string {
  const attempts =
    image.attempts.length === 0 ? 'without an attempt' : `after ${plural(image.attempts.length, 'attempt')}`;
  return `${imageOutcome(image)} ${attempts}`;
}

/** The engine's own error line, or else the decisive evidence; undefined when neither is known. */
export function decisiveLine(image: ImageReport): string | undefined {
  return image.verdict?.line ?? image.verdict?.evidence[0];
}

function reason(image: ImageReport): string {
  const line = decisiveLine(image);
  return line === undefined ? '' : `: ${oneLine(line, 500)}`;
}
