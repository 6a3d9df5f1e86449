import type { Problem } from '../inputs/inputs.js';
import type { ImageSpec } from '../plan/image-spec.js';
import type { Engine } from './engine.js';
import { pushProblems } from './push.js';
import { leakProblems } from './secret-context.js';

/** All that is wrong with building these images on this engine; `read` gives a Containerfile's text, where it can be had. */
export function engineProblems(
  engine: Engine,
  images: ImageSpec[],
  read: (file: string) => string | undefined,
): Problem[] {
  return [
    ...unsupportedProblems(engine, images),
    ...pushProblems(engine, images),
    ...leakProblems(engine, images, read),
  ];
}

/** What the images ask for and this engine cannot do, as problems; silence would build something else than was asked. */
export function unsupportedProblems(engine: Engine, images: ImageSpec[]): Problem[] {
  return images.flatMap((image) =>
    engine.unsupported(image).map(({ key, hint }) => ({
      where: `image "${image.name}": ${key}`,
      seen: 'a value',
      expected: `nothing, as ${engine.facts.name} (${engine.facts.dialect}) cannot do that`,
      hint,
    })),
  );
}
