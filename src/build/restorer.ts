import type { Answer, Command, Engine, Question } from '../engine/engine.js';
import type { KeptImage } from '../history/kept-image.js';
import type { BuiltImage, JournalEvent } from '../journal/events.js';
import type { ImageSpec } from '../plan/image-spec.js';

/** An image is built that it is not known of after so long what decides it. */
const LOOK_LIMIT_MS = 10_000;
/** The same where base images and archives are fetched first, which takes the time of a download. */
const FETCH_LIMIT_MS = 120_000;

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

/** An image that was brought here as an archive of it alone. */
export interface FetchedImage {
  kept: KeptImage;
  path: string;
  bytes: number;
}

/** Where archives of images are kept beyond this machine. */
export interface ImageArchives {
  /**
   * Brings the newest archive of the image with this key, under these tags, for as long as it is being loaded. Resolves with
   * what came of that, or with why there is nothing to load; undefined when there is no such archive. Never rejects.
   */
  use<T>(
    wanted: { key: string; tags: readonly string[] },
    signal: AbortSignal,
    load: (fetched: FetchedImage) => Promise<T>,
  ): Promise<T | string | undefined>;
}

export interface RestorerEffects {
  engine: Engine;
  /** Asks the engine, within a time limit. */
  ask(question: Question): Promise<Answer>;
  /** Looks at what decides an image; `built`: ids of images of this run by their names. Never rejects. */
  look(image: ImageSpec, built: ReadonlyMap<string, string>): Promise<Look>;
  /** The key of an image by what decides it. */
  keyOf(contents: string, bases: Readonly<Record<string, string>>): string;
  store: { find(key: string): KeptImage | undefined; keep(image: KeptImage): void };
  /** Absent where images are kept by the engine alone. */
  archives?: ImageArchives | undefined;
  /** Runs a command that may take long, as it reads gigabytes. */
  work(command: Command): Promise<Answer>;
  /** Why there is no room for an image of so many bytes; undefined when there is, or nobody knows. */
  whyNoRoom(bytes: number): string | undefined;
  now(): number;
  /** Calls back after so many milliseconds unless cancelled. */
  timer(ms: number, callback: () => void): () => void;
  record(event: JournalEvent): void;
  /** Loads an image when its turn comes, and the engine is not known to be dead; undefined when no turn comes any more. */
  inTurn<T>(image: ImageSpec, load: () => Promise<T>): Promise<T | undefined>;
  /** Nothing is looked at any more when it aborts. */
  over: AbortSignal;
  /** No image is restored any more when it aborts. */
  stopped: AbortSignal;
}

/** What of earlier runs an image can be taken from. */
export interface Restorer {
  /**
   * The image under its tags, if an earlier run built the same and it can be had; to be called when all is built that it
   * needs. It holds no place in the lane meanwhile. Never rejects.
   */
  restore(image: ImageSpec): Promise<BuiltImage | undefined>;
  /** Is told of the image that was built as there was none. */
  built(image: ImageSpec, built: BuiltImage): void;
  /** Resolves when all that was built is remembered. */
  settled(): Promise<void>;
}

/** Every image is built. */
export const NO_RESTORING: Restorer = {
  restore: async () => undefined,
  built: () => {},
  settled: async () => {},
};

/**
 * Takes images that earlier runs built of the same from the engine's own store, else from archives. Whatever goes wrong with
 * it, the image is built; an image is remembered only if what decides it was the same before its build and after.
 */
export function createRestorer(effects: RestorerEffects): Restorer {
  const { engine, ask, look, keyOf, store, archives, now, record, over, stopped } = effects;
  const limitMs = archives === undefined ? LOOK_LIMIT_MS : FETCH_LIMIT_MS;
  const ids = new Map<string, string>();
  const looks = new Map<string, Look>();
  const keeping: Promise<void>[] = [];
  let warned = false;

  return {
    async restore(image) {
      const late = new AbortController();
      const cancel = effects.timer(limitMs, () => late.abort());
      const signal = AbortSignal.any([late.signal, over, stopped]);
      const before = await unless(signal, look(image, ids), {
        why: `what decides it was not known after ${limitMs / 1000} s`,
      });
      // Of a look that ended too late, nobody knows whether it was before the build.
      looks.set(image.name, before);
      const restored =
        signal.aborted && before.why === undefined ? 'it was too late' : await find(image, before, signal);
      cancel();
      if (typeof restored !== 'string') {
        ids.set(image.name, restored.id);
        return restored;
      }
      if (!over.aborted && !stopped.aborted)
        record({ type: 'image-not-restored', at: now(), image: image.name, why: restored });
      return undefined;
    },
    built(image, built) {
      ids.set(image.name, built.id);
      const before = looks.get(image.name);
      const at = now();
      if (before !== undefined) keeping.push(keep(image, before, built, at));
    },
    async settled() {
      await Promise.all(keeping);
    },
  };

  /** The image, or why it has to be built. Once an archive is being loaded, it is waited for. */
  async function find(image: ImageSpec, before: Look, signal: AbortSignal): Promise<BuiltImage | string> {
    if (before.why !== undefined) return before.why;
    if (before.missing !== undefined) return `the engine does not have ${before.missing}, which it is built on`;
    const key = keyOf(before.contents, before.bases);
    const kept = store.find(key);
    const here = kept === undefined ? 'no earlier build of the same is known' : await give(image, kept, 'engine');
    if (archives === undefined || typeof here !== 'string') return here;
    const wanted = { key, tags: image.tags };
    return (await archives.use(wanted, signal, (fetched) => load(image, fetched))) ?? here;
  }

  async function load(image: ImageSpec, { kept, path, bytes }: FetchedImage): Promise<BuiltImage | string> {
    const noRoom = effects.whyNoRoom(bytes);
    if (noRoom !== undefined) return noRoom;
    const loaded = await effects.inTurn(image, () => effects.work(engine.load(path)));
    if (loaded === undefined) return 'the run is over';
    if (loaded.code !== 0) {
      const said = loaded.stderr.trim().split('\n').at(-1) || (loaded.failure ?? `exit code ${loaded.code}`);
      return `its archive could not be loaded: ${said}`;
    }
    const restored = await give(image, kept, 'cache-service', bytes);
    // Next time the engine has it.
    if (typeof restored !== 'string') remember(kept);
    return restored;
  }

  /** Gives the image that the engine has its tags, and makes sure that they lead to it. */
  async function give(
    image: ImageSpec,
    kept: KeptImage,
    from: 'engine' | 'cache-service',
    archiveBytes?: number,
  ): Promise<BuiltImage | string> {
    const built = await show(kept.id);
    if (built?.id !== kept.id) {
      return from === 'engine'
        ? `the engine does not have ${kept.id} any more`
        : `the engine does not have ${kept.id} after its archive was loaded`;
    }
    for (const tag of image.tags) {
      // In full, as a short name can also be found in the place of a registry's.
      const name = engine.fullTag(tag);
      if ((await show(name))?.id === kept.id) continue;
      await ask(engine.tag(kept.id, tag));
      if ((await show(name))?.id !== kept.id) return `${kept.id} could not be given the tag ${tag}`;
    }
    const at = now();
    const ageMs = Math.max(0, at - kept.at);
    const size = archiveBytes === undefined ? {} : { archiveBytes };
    record({ type: 'image-restored', at, image: image.name, from, key: kept.key, built, ageMs, ...size });
    return built;
  }

  async function show(idOrTag: string): Promise<BuiltImage | undefined> {
    const answer = await ask(engine.inspect(idOrTag));
    return answer.code === 0 ? engine.readInspect(answer.stdout) : undefined;
  }

  async function keep(image: ImageSpec, before: Look, { id, sizeBytes }: BuiltImage, at: number): Promise<void> {
    if (before.why !== undefined || over.aborted) return;
    const after = await look(image, ids);
    if (after.why !== undefined || after.missing !== undefined || after.contents !== before.contents) return;
    // What it is built on may have been fetched by the build, and nothing else may have come in its place.
    if (Object.entries(before.bases).some(([reference, base]) => after.bases[reference] !== base)) return;
    const size = sizeBytes === undefined ? {} : { sizeBytes };
    const kept: KeptImage = { schema: 1, key: keyOf(after.contents, after.bases), id, name: image.name, at, ...size };
    remember(kept);
    record({ type: 'image-remembered', at: now(), image: image.name, kept });
  }

  function remember(image: KeptImage): void {
    try {
      store.keep(image);
    } catch (error) {
      if (warned) return;
      warned = true;
      const said = error instanceof Error ? error.message : String(error);
      record({ type: 'warning', at: now(), message: `what is built cannot be remembered for the next run: ${said}` });
    }
  }
}

/** What comes of it, or the other thing as soon as the signal aborts. */
function unless<T>(signal: AbortSignal, waiting: Promise<T>, otherwise: T): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => resolve(otherwise);
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    waiting.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
