import type { ContextSize, JournalEvent } from '../journal/events.js';
import type { ImageSpec } from '../plan/image-spec.js';

/** Nothing of it may delay the first builds. */
const BEGIN_AFTER_MS = 250;
/** For all images together: what is not measured by then is left. */
const MOST_MS = 60_000;

export interface ContextEffects {
  /** What the image's context holds; undefined when that cannot be seen, or the signal aborts. */
  measureContext(image: ImageSpec, signal?: AbortSignal): Promise<ContextSize | undefined>;
  timer(ms: number, callback: () => void): () => void;
  record(event: JournalEvent): void;
  now(): number;
}

export interface Contexts {
  /** Measures these images now and to the end: the engine died with them in flight. */
  measure(names: ReadonlySet<string>): Promise<void>;
  /** Measures all that are left, one after the other, beside the builds. */
  measureAll(): Promise<void>;
  /** What has been measured so far. */
  known(image: ImageSpec): ContextSize | undefined;
}

/** Measures the context of each image once, and folders that several images share once; all of them, until `over` aborts. */
export function createContexts(images: readonly ImageSpec[], effects: ContextEffects, over: AbortSignal): Contexts {
  const begun = new Set<string>();
  const sizes = new Map<string, Promise<ContextSize | undefined>>();
  const known = new Map<string, ContextSize>();

  return {
    async measure(names) {
      for (const image of images) if (names.has(image.name)) await measureOnce(image);
    },
    async measureAll() {
      await untilBegun();
      const until = effects.now() + MOST_MS;
      for (const image of images) {
        if (over.aborted || effects.now() > until) return;
        await measureOnce(image, over);
      }
    },
    known: ({ name }) => known.get(name),
  };

  async function measureOnce(image: ImageSpec, signal?: AbortSignal): Promise<void> {
    if (begun.has(image.name)) return;
    begun.add(image.name);
    // Ignore files can lie beside the Containerfile.
    const folder = JSON.stringify([image.context, image.file]);
    const size = sizes.get(folder) ?? effects.measureContext(image, signal);
    sizes.set(folder, size);
    const context = await size;
    if (context === undefined) return;
    known.set(image.name, context);
    effects.record({ type: 'context-measured', at: effects.now(), image: image.name, context });
  }

  function untilBegun(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = effects.timer(BEGIN_AFTER_MS, resolve);
      const stop = () => {
        cancel();
        resolve();
      };
      if (over.aborted) stop();
      else over.addEventListener('abort', stop, { once: true });
    });
  }
}
