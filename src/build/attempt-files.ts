import type { ImageSpec } from '../plan/image-spec.js';

/** Files of one attempt, by unique names. */
export interface AttemptFiles {
  /** Path to which the engine writes the image id. */
  iidfile: string;
  /** Path to which `time(1)` may write its figures. */
  figures: string;
  /** The log's name in the report. */
  log: string;
}

/** Names for the files of an attempt, or of a try to hand the image over to somewhere: readable, safe on every file system, and unique even where two names read alike. */
export function attemptFiles(
  images: ImageSpec[],
): (image: ImageSpec, attempt: number, to?: string) => { id: string; figures: string; log: string } {
  const width = String(images.length).length;
  const prefixes = new Map(
    images.map((image, index) => [image.name, `${String(index + 1).padStart(width, '0')}-${slug(image.name)}`]),
  );
  return (image, attempt, to) => {
    const name = `${prefixes.get(image.name)}.${to === undefined ? '' : `${slug(to)}.`}${attempt}`;
    return { id: `${name}.iid`, figures: `${name}.time`, log: `logs/${name}.log` };
  };
}

function slug(name: string): string {
  return name.replace(/[^\w.-]+/g, '-').slice(0, 60);
}
