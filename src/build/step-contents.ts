import type { ImageSpec } from '../plan/image-spec.js';
import type { LeadingSteps } from '../plan/leading-steps.js';

/** What instructions copy from contexts; paths are relative to the image's context. */
export interface CopiedContent {
  /** Equal for two images only if they copy the very same files. */
  place(image: ImageSpec, paths: readonly string[]): string;
  /** Different only if the contents are different; undefined when it cannot be had. Reads no file. */
  outline(image: ImageSpec, paths: readonly string[], signal: AbortSignal): Promise<string | undefined>;
  /** Equal only if the contents are equal; undefined when it cannot be had. */
  hash(image: ImageSpec, paths: readonly string[], signal: AbortSignal): Promise<string | undefined>;
}

/** By the image's name a number for each of its steps: equal in two images when all is the same up to there. */
export type Chains = ReadonlyMap<string, readonly number[]>;

/** Numbers the steps; `contentOf` says what a step copies of its context. */
export function chainsOf(
  leading: ReadonlyMap<string, LeadingSteps>,
  contentOf: (image: string, paths: readonly string[]) => string,
): Chains {
  const numbers = new Map<string, number>();
  return new Map(
    [...leading].map(([image, { steps }]) => {
      let before = 0;
      const chain = steps.map(({ key, copies }) => {
        const content = copies === undefined ? '' : contentOf(image, copies);
        const all = JSON.stringify([before, key, content]);
        before = numbers.get(all) ?? numbers.size + 1;
        numbers.set(all, before);
        return before;
      });
      return [image, chain];
    }),
  );
}

/**
 * Finds out which steps copy the same, as far as that decides what images have in common; `onFound` is called whenever more
 * is known. What the very same files hold is never read, and what differs by its names and sizes neither.
 */
export function createStepContents(
  images: readonly ImageSpec[],
  leading: ReadonlyMap<string, LeadingSteps>,
  copied: CopiedContent,
): {
  /** The chains as far as they are known; what is not known yet counts as alike, or as different. */
  chains(unknown: 'alike' | 'different'): Chains;
  find(signal: AbortSignal, onFound: () => void): Promise<void>;
} {
  const byName = new Map(images.map((image) => [image.name, image]));
  const places = new Map<string, string>();
  const known = new Map<string, string>();
  return {
    chains: (unknown) =>
      chainsOf(leading, (image, paths) => {
        const place = placeOf(image, paths);
        return known.get(place) ?? (unknown === 'alike' ? '' : place);
      }),
    async find(signal, onFound) {
      for (let groups = undecided(); groups.length > 0 && !signal.aborted; groups = undecided()) {
        for (const group of groups) await decide(group, signal);
        onFound();
      }
    },
  };

  function placeOf(image: string, paths: readonly string[]): string {
    const key = JSON.stringify([image, paths]);
    const place = places.get(key) ?? copied.place(byName.get(image) as ImageSpec, paths);
    places.set(key, place);
    return place;
  }

  /** Steps that are alike but for what they copy, of several places; of each image the first one alone. */
  function undecided(): Copy[][] {
    const chains = chainsOf(leading, (image, paths) => known.get(placeOf(image, paths)) ?? '');
    const groups = new Map<number, Copy[]>();
    for (const [image, { steps }] of leading) {
      const at = steps.findIndex(({ copies }) => copies !== undefined && !known.has(placeOf(image, copies)));
      const paths = steps[at]?.copies;
      if (paths === undefined) continue;
      const number = chains.get(image)?.[at] as number;
      groups.set(number, [...(groups.get(number) ?? []), { image, paths, place: placeOf(image, paths) }]);
    }
    return [...groups.values()].filter((group) => group.length > 1);
  }

  async function decide(group: Copy[], signal: AbortSignal): Promise<void> {
    const copies = [...new Map(group.map((copy) => [copy.place, copy])).values()];
    const [only] = copies;
    if (copies.length === 1 && only !== undefined) {
      known.set(only.place, only.place);
      return;
    }
    const outlined = new Map<string, Copy[]>();
    for (const copy of copies) {
      const outline = (await copied.outline(byName.get(copy.image) as ImageSpec, copy.paths, signal)) ?? copy.place;
      outlined.set(outline, [...(outlined.get(outline) ?? []), copy]);
    }
    for (const [outline, alike] of outlined) {
      for (const copy of alike) {
        const image = byName.get(copy.image) as ImageSpec;
        const hash = alike.length === 1 ? outline : await copied.hash(image, copy.paths, signal);
        known.set(copy.place, hash ?? copy.place);
      }
    }
  }
}

interface Copy {
  image: string;
  paths: readonly string[];
  place: string;
}
