import type { ImageSpec } from '../plan/image-spec.js';

/** Names for an attempt's files: readable, safe on every file system, and unique even where two names read alike. */
export function attemptFiles(images: ImageSpec[]): (image: ImageSpec, attempt: number) => { id: string; log: string } {
  const width = String(images.length).length;
  const prefixes = new Map(
    images.map((image, index) => [image.name, `${String(index + 1).padStart(width, '0')}-${slug(image.name)}`]),
  );
  return (image, attempt) => {
    const name = `${prefixes.get(image.name)}.${attempt}`;
    return { id: `${name}.iid`, log: `logs/${name}.log` };
  };
}

function slug(name: string): string {
  return name.replace(/[^\w.-]+/g, '-').slice(0, 60);
}
