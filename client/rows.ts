import type { ImageData } from '../src/report/html/report-data.js';

/** Which images are shown, and in which order. */
export interface Choice {
  /** Part of the name, in any case; empty for all. */
  name: string;
  outcome: string;
  order: string;
}

/** Choices of outcome: those that say what became of the image, before the single outcomes. */
export const ALL = 'all';
export const NO_SUCCESS = 'no-success';
export const RETRIED = 'retried';
export const IN_INCIDENT = 'in-incident';

/** With so many images, those that something happened to come first. */
const MANY = 40;

/** What is shown at first. */
export function firstChoice(images: readonly ImageData[]): Choice {
  return { name: '', outcome: ALL, order: images.length > MANY ? 'trouble' : 'listed' };
}

/** A row of the timeline: an image with all its attempts, or, of an open image, one attempt with its steps. */
export interface Row {
  image: number;
  /** Index of the attempt within the image. */
  attempt?: number;
}

/** Indexes of the images that are chosen, in the order that is chosen. */
export function chooseImages(images: readonly ImageData[], choice: Choice): number[] {
  const wanted = choice.name.trim().toLowerCase();
  const chosen = images.flatMap((image, index) =>
    image.name.toLowerCase().includes(wanted) && hasOutcome(image, choice.outcome) ? [index] : [],
  );
  const rank = RANKS[choice.order];
  if (rank === undefined) return chosen;
  const ranked = chosen.map((index) => ({ index, rank: rank(images[index] as ImageData) }));
  return ranked.sort((a, b) => compare(a.rank, b.rank)).map(({ index }) => index);
}

/** The rows of these images; below each open one a row for each of its attempts. */
export function rowsOf(images: readonly ImageData[], chosen: readonly number[], open: ReadonlySet<number>): Row[] {
  return chosen.flatMap((image): Row[] => {
    const attempts = open.has(image) ? (images[image]?.attempts ?? []) : [];
    return [{ image }, ...attempts.map((_, attempt) => ({ image, attempt }))];
  });
}

function hasOutcome(image: ImageData, outcome: string): boolean {
  switch (outcome) {
    case ALL:
      return true;
    case NO_SUCCESS:
      return image.outcome !== 'success';
    case RETRIED:
      return image.attempts.length > 1;
    case IN_INCIDENT:
      return image.attempts.some(({ incident }) => incident !== undefined);
    default:
      return image.outcome === outcome;
  }
}

const RANKS: Record<string, (image: ImageData) => number | string> = {
  trouble: ({ outcome, attempts }) => (outcome !== 'success' ? 0 : attempts.length > 1 ? 1 : 2),
  start: ({ attempts }) => attempts[0]?.from ?? Number.POSITIVE_INFINITY,
  longest: ({ durationMs }) => -durationMs,
  attempts: ({ attempts }) => -attempts.length,
  name: ({ name }) => name,
};

function compare(a: number | string, b: number | string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
