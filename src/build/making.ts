import type { Command, Engine } from '../engine/engine.js';
import type { BuiltImage, Ending, Verdict } from '../journal/events.js';
import type { ImageSpec } from '../plan/image-spec.js';
import type { AttemptEffects } from './attempt.js';
import type { AttemptFiles } from './attempt-files.js';
import { findBuilt } from './found-image.js';
import type { ReuseOf } from './reuse.js';

/** What attempts do to make an image be in the engine: build it, or load it. What can befall them there is the same. */
export interface Making {
  /** The command of one attempt, once what it needs is there; or the verdict on why it cannot be had. */
  prepare(image: ImageSpec, files: AttemptFiles, effects: AttemptEffects): Promise<Command | Verdict>;
  /** What the engine has after the command's end, whatever that was. */
  made(
    image: ImageSpec,
    files: AttemptFiles,
    ending: Ending,
    startedAt: number,
    effects: AttemptEffects,
  ): Promise<Made>;
}

/** The image; or a sentence on what is there in its stead, or on what is missing of it. */
export type Made = { built: BuiltImage } | { built?: undefined; instead?: string; missing?: string };

/** The engine builds the image of what it may reuse (default: any layer that it has), and writes its id to a file. */
export function makeByBuild(engine: Engine, reuseOf: ReuseOf = async () => ({ kind: 'cache' })): Making {
  return {
    async prepare(image, { iidfile }, effects) {
      // An attempt before this one may have left it half made.
      await forget(image, iidfile, effects);
      return engine.build(image, iidfile, await reuseOf(image));
    },
    async made(image, { iidfile }, ending, startedAt, effects) {
      const id = effects.takeId(iidfile);
      const list = engine.list(image, iidfile);
      const made = succeeded(ending) ? await findBuilt(image, { id, list }, startedAt, effects) : {};
      await forget(image, iidfile, effects);
      return made;
    },
  };

  /** The name under which a list of images is built, which is the run's own. */
  async function forget(image: ImageSpec, iidfile: string, effects: AttemptEffects): Promise<void> {
    const list = engine.list(image, iidfile);
    if (list?.forget !== undefined) await effects.ask(list.forget);
  }
}

/** Whether the command ended by itself and claims success. */
export function succeeded(ending: Ending): boolean {
  return ending.kind === 'exited' && ending.code === 0;
}
