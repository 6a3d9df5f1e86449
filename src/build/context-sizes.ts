import type { ContextSize } from '../journal/events.js';
import type { ImageSpec } from '../plan/image-spec.js';

/** Measures contexts, each at most once. */
export interface ContextSizes {
  measure(image: ImageSpec): Promise<ContextSize | undefined>;
  /** What has been measured so far. */
  known(image: ImageSpec): ContextSize | undefined;
}

/** Remembers what `measure` tells of an image's context. */
export function createContextSizes(measure: (image: ImageSpec) => Promise<ContextSize | undefined>): ContextSizes {
  const begun = new Map<string, Promise<ContextSize | undefined>>();
  const known = new Map<string, ContextSize>();
  return {
    measure(image) {
      const measuring = begun.get(image.name) ?? measureOnce(image);
      begun.set(image.name, measuring);
      return measuring;
    },
    known: ({ name }) => known.get(name),
  };

  async function measureOnce(image: ImageSpec): Promise<ContextSize | undefined> {
    const size = await measure(image);
    if (size !== undefined) known.set(image.name, size);
    return size;
  }
}
