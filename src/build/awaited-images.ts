import type { ImageSpec } from '../plan/image-spec.js';

/** What images wait for: others that they need. */
export interface AwaitedImages {
  /** Tells that an image was built, or what became of it instead (`build-failed`, `skipped`). */
  ended(name: string, built: true | string): void;
  /** Resolves with nothing when all that it needs is built, or as soon as one of them was not with why it is skipped. */
  needsOf(image: ImageSpec): Promise<string | undefined>;
}

/** Keeps who waits for whom among the images of a run, which hold no circle. */
export function createAwaitedImages(images: readonly ImageSpec[]): AwaitedImages {
  const settle = new Map<string, (built: true | string) => void>();
  const settled = new Map(
    images.map(({ name }) => [name, new Promise<true | string>((resolve) => settle.set(name, resolve))]),
  );
  return {
    ended: (name, built) => settle.get(name)?.(built),
    needsOf: ({ needs }) =>
      new Promise((resolve) => {
        let left = needs.length;
        if (left === 0) resolve(undefined);
        for (const need of needs) {
          // What this run does not build is not waited for.
          void Promise.resolve(settled.get(need) ?? true).then((built) => {
            left -= 1;
            if (built !== true) resolve(`needs "${need}", which was not built (${built})`);
            else if (left === 0) resolve(undefined);
          });
        }
      }),
  };
}
