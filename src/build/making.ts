import type { Command, Engine } from '../engine/engine.js';
import type { BuiltImage, Ending, Verdict } from '../journal/events.js';
import type { ImageSpec } from '../plan/image-spec.js';
import type { AttemptEffects } from './attempt.js';
import type { AttemptFiles } from './attempt-files.js';

/** What attempts do to make an image be in the engine: build it, or load it. What can befall them there is the same. */
export interface Making {
  /** The command of one attempt, once what it needs is there; or the verdict on why it cannot be had. */
  prepare(image: ImageSpec, files: AttemptFiles): Command | Verdict | Promise<Command | Verdict>;
  /** What the engine has after the command's end, whatever that was. */
  made(
    image: ImageSpec,
    files: AttemptFiles,
    ending: Ending,
    startedAt: number,
    effects: AttemptEffects,
  ): Promise<Made>;
}

/** The image, or nothing; or a sentence on what is there in its stead. */
export type Made = { built: BuiltImage } | { built?: undefined; instead?: string };

/** An image that was made and cannot be looked at is looked for again after the engine is back, so often. */
const LOOKS_FOR_IMAGE = 3;

/** The engine builds the image, and writes its id to a file. */
export function makeByBuild(engine: Engine): Making {
  return {
    prepare: (image, { iidfile }) => engine.build(image, iidfile),
    async made(_image, { iidfile }, ending, startedAt, effects) {
      const id = effects.takeId(iidfile);
      const built = succeeded(ending) && id !== undefined ? await lookForImage(id, startedAt, effects) : undefined;
      return built === undefined ? {} : { built };
    },
  };
}

/**
 * Exit 0 proves nothing (podman 4.1–5.2 exits 0 without an image when it got SIGTERM): the engine must show the image.
 * When the engine does not answer, that is an incident of its own, and the image is looked for once it is back.
 */
export async function lookForImage(
  idOrTag: string,
  startedAt: number,
  effects: AttemptEffects,
): Promise<BuiltImage | undefined> {
  for (let look = 1; look <= LOOKS_FOR_IMAGE; look += 1) {
    const result = await effects.ask(effects.engine.inspect(idOrTag));
    if (result.code === 0) return effects.engine.readInspect(result.stdout);
    const answer = await effects.ping();
    if (answer.alive) return undefined;
    effects.incidents.report(startedAt, [`the engine does not answer when asked for a finished image: ${answer.said}`]);
    if (!(await effects.incidents.opened())) return undefined;
  }
  return undefined;
}

/** Whether the command ended by itself and claims success. */
export function succeeded(ending: Ending): boolean {
  return ending.kind === 'exited' && ending.code === 0;
}
