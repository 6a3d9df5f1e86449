import type { ImageReport, RunReport } from '../journal/run-report.js';
import { plural } from './figures.js';
import { destinationsOf, handOffOutcome, isNotHandedOver } from './hand-offs.js';
import { imageOutcome, imagesWithoutSuccess } from './outcome.js';
import { oneLine } from './plain-text.js';

/** One line for each image without success, such as `api: engine-crash after 4 attempts: Error: unexpected EOF`. */
export function failureLines(report: RunReport): { image: string; message: string }[] {
  return imagesWithoutSuccess(report).map((image) => ({
    image: image.name,
    message: `${oneLine(image.name, 100)}: ${whatHappened(image)}${reason(image)}`,
  }));
}

/** How many images came short of what. */
export function shortfall({ images }: RunReport): { built: number; skipped: number; handedOver: number } {
  const handedOver = images.filter(isNotHandedOver).length;
  return {
    built: images.filter(({ result }) => result !== 'success').length - handedOver,
    skipped: images.filter(({ result }) => result === 'skipped').length,
    handedOver,
  };
}

/** How many images were not built, how many of them as they were skipped, and how many not handed over, in words. */
export function describeShortfall(report: RunReport, verb: '' | 'were '): string {
  const { built, skipped, handedOver } = shortfall(report);
  const all = verb === '' ? plural(report.images.length, 'image') : `${report.images.length} images`;
  if (built === 0 && handedOver > 0) return `${handedOver} of ${all} ${verb}not handed over`;
  const more = [
    ...(skipped > 0 ? [`, ${skipped} skipped`] : []),
    ...(handedOver > 0 ? [`, ${handedOver} not handed over`] : []),
  ];
  return `${built} of ${all} ${verb}not ${report.loads ? 'loaded' : 'built'}${more.join('')}`;
}

/** Its verdict and number of attempts: `engine-crash after 4 attempts`; of a built one where it was not brought to. */
export function whatHappened(image: ImageReport): string {
  if (image.result === 'skipped') return 'skipped';
  if (isNotHandedOver(image)) {
    const failed = destinationsOf(image).find(({ last }) => handOffOutcome(last) !== 'success');
    const tries = failed === undefined ? 'without a try' : `after ${plural(failed.tries.length, 'try', 'tries')}`;
    const to = failed === undefined ? '' : ` to ${oneLine(failed.to, 100)}`;
    return `built, not handed over${to}: ${imageOutcome(image)} ${tries}`;
  }
  const attempts =
    image.attempts.length === 0 ? 'without an attempt' : `after ${plural(image.attempts.length, 'attempt')}`;
  return `${imageOutcome(image)} ${attempts}`;
}

/** Why it was skipped, or the engine's own error line, or else the decisive evidence; undefined when none is known. */
export function decisiveLine(image: ImageReport): string | undefined {
  return image.skipped ?? image.verdict?.line ?? image.verdict?.evidence[0];
}

function reason(image: ImageReport): string {
  const line = decisiveLine(image);
  return line === undefined ? '' : `: ${oneLine(line, 500)}`;
}
