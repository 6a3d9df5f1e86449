import type { Answer, Engine, Question } from '../engine/engine.js';
import type { KeptImage } from '../history/kept-image.js';
import type { BuiltImage, JournalEvent } from '../journal/events.js';
import type { ImageSpec } from '../plan/image-spec.js';

/** A place in the lane is held for no longer until it is known what decides an image. */
const LOOK_LIMIT_MS = 10_000;

/** What decides an image at this moment; or why that cannot be told, so that it must be built. */
export type Look =
  | {
      /** Of all but the images that it is built on. */
      contents: string;
      /** Ids by reference of the images that it is built on, as far as the engine has them. */
      bases: Readonly<Record<string, string>>;
      /** One that the engine does not have, which its build will fetch. */
      missing?: string;
      why?: undefined;
    }
  | { why: string };

export interface RestorerEffects {
  engine: Engine;
  /** Asks the engine, within a time limit. */
  ask(question: Question): Promise<Answer>;
  /** Looks at what decides an image; `built`: ids of images of this run by their names. Never rejects. */
  look(image: ImageSpec, built: ReadonlyMap<string, string>): Promise<Look>;
  /** The key of an image by what decides it. */
  keyOf(contents: string, bases: Readonly<Record<string, string>>): string;
  store: { find(key: string): KeptImage | undefined; keep(image: KeptImage): void };
  now(): number;
  /** Calls back after so many milliseconds unless cancelled. */
  timer(ms: number, callback: () => void): () => void;
  record(event: JournalEvent): void;
  signal: AbortSignal;
}

/** What of earlier runs an image can be taken from. */
export interface Restorer {
  /** Begins to look whether an image can be had without being built; when all is built that it needs. */
  begin(image: ImageSpec): Chance;
  /** Resolves when all that was built is remembered. */
  settled(): Promise<void>;
}

/** One image's chance not to be built. Neither of its functions rejects. */
export interface Chance {
  /** The image under its tags, if an earlier run built the same and the engine still has it. */
  restore(): Promise<BuiltImage | undefined>;
  /** Is told of the image that was built in its stead. */
  built(built: BuiltImage): void;
}

/** Every image is built. */
export const NO_RESTORING: Restorer = {
  begin: () => ({ restore: async () => undefined, built: () => {} }),
  settled: async () => {},
};

/**
 * Takes images from the engine's own store that earlier runs built of the same. Whatever goes wrong with it, the image is
 * built; an image is remembered only if what decides it was the same before its build and after.
 */
export function createRestorer(effects: RestorerEffects): Restorer {
  const { engine, ask, look, keyOf, store, now, record, signal } = effects;
  const ids = new Map<string, string>();
  const keeping: Promise<void>[] = [];
  let warned = false;

  return {
    begin(image) {
      const looking = look(image, ids);
      let before: Look = { why: 'nobody has looked' };
      return {
        async restore() {
          before = await inTime(looking);
          const restored = await find(image, before);
          if (typeof restored !== 'string') {
            ids.set(image.name, restored.id);
            return restored;
          }
          if (!signal.aborted) record({ type: 'image-not-restored', at: now(), image: image.name, why: restored });
          return undefined;
        },
        built(built) {
          ids.set(image.name, built.id);
          const at = now();
          // Of a look that ended too late, nobody knows whether it was before the build.
          keeping.push(keep(image, before, built, at));
        },
      };
    },
    async settled() {
      await Promise.all(keeping);
    },
  };

  function inTime(looking: Promise<Look>): Promise<Look> {
    return new Promise((resolve) => {
      const why = `what decides it was not known after ${LOOK_LIMIT_MS / 1000} s`;
      const cancel = effects.timer(LOOK_LIMIT_MS, () => resolve({ why }));
      void looking.then((looked) => {
        cancel();
        resolve(looked);
      });
    });
  }

  /** The image, or why it has to be built. */
  async function find(image: ImageSpec, before: Look): Promise<BuiltImage | string> {
    if (before.why !== undefined) return before.why;
    if (before.missing !== undefined) return `the engine does not have ${before.missing}, which it is built on`;
    const key = keyOf(before.contents, before.bases);
    const kept = store.find(key);
    if (kept === undefined) return 'no earlier build of the same is known';
    const built = await show(kept.id);
    if (built?.id !== kept.id) return `the engine does not have ${kept.id} any more`;
    for (const tag of image.tags) {
      // In full, as a short name can also be found in the place of a registry's.
      const name = engine.fullTag(tag);
      if ((await show(name))?.id === kept.id) continue;
      await ask(engine.tag(kept.id, tag));
      if ((await show(name))?.id !== kept.id) return `${kept.id} could not be given the tag ${tag}`;
    }
    const at = now();
    const ageMs = Math.max(0, at - kept.at);
    record({ type: 'image-restored', at, image: image.name, from: 'engine', key, built, ageMs });
    return built;
  }

  async function show(idOrTag: string): Promise<BuiltImage | undefined> {
    const answer = await ask(engine.inspect(idOrTag));
    return answer.code === 0 ? engine.readInspect(answer.stdout) : undefined;
  }

  async function keep(image: ImageSpec, before: Look, { id, sizeBytes }: BuiltImage, at: number): Promise<void> {
    if (before.why !== undefined || signal.aborted) return;
    const after = await look(image, ids);
    if (after.why !== undefined || after.missing !== undefined || after.contents !== before.contents) return;
    // What it is built on may have been fetched by the build, and nothing else may have come in its place.
    if (Object.entries(before.bases).some(([reference, base]) => after.bases[reference] !== base)) return;
    const size = sizeBytes === undefined ? {} : { sizeBytes };
    try {
      store.keep({ schema: 1, key: keyOf(after.contents, after.bases), id, name: image.name, at, ...size });
    } catch (error) {
      if (warned) return;
      warned = true;
      const said = error instanceof Error ? error.message : String(error);
      record({ type: 'warning', at: now(), message: `what is built cannot be remembered for the next run: ${said}` });
    }
  }
}
