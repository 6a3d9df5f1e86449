/** What is known of an image before it is built; what is not known is absent. */
export interface Known {
  name: string;
  /** How long it took in earlier runs, in milliseconds. */
  expectedMs?: number;
  contextBytes?: number;
  /** Instructions of its Containerfile. */
  instructions?: number;
}

/** Guesses, for want of anything better: what a step costs before it does anything, and how fast a context is read. */
const STEP_MS = 2_000;
const BYTES_PER_MS = 50_000;
/** Of an image of which nothing is known at all. */
const DEFAULT_INSTRUCTIONS = 5;

/**
 * How long each image is expected to take, in milliseconds. One that no earlier run has built is guessed from its context
 * and its number of instructions, in the measure of those that are known: on a slow machine all guesses grow.
 */
export function expectedDurations(images: readonly Known[]): Map<string, number> {
  const ratios = images.flatMap((image) => (image.expectedMs === undefined ? [] : [image.expectedMs / guessMs(image)]));
  const scale = median(ratios) ?? 1;
  return new Map(images.map((image) => [image.name, image.expectedMs ?? guessMs(image) * scale]));
}

function guessMs({ contextBytes = 0, instructions = DEFAULT_INSTRUCTIONS }: Known): number {
  return STEP_MS * Math.max(1, instructions) + contextBytes / BYTES_PER_MS;
}

function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
