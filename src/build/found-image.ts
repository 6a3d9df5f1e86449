import type { Question } from '../engine/engine.js';
import { type ListBuild, missingPlatforms, readList } from '../engine/manifest-list.js';
import type { BuiltImage } from '../journal/events.js';
import type { ImageSpec } from '../plan/image-spec.js';
import type { AttemptEffects } from './attempt.js';

/** An image that was built and cannot be looked at is looked for again after the engine is back, so often. */
const LOOKS_FOR_IMAGE = 3;

/** What a build left that claims success: an image, or what is missing of it. */
export type Found = { built: BuiltImage; missing?: undefined } | { built?: undefined; missing?: string };

/**
 * Exit 0 proves nothing (podman 4.1–5.2 exits 0 without an image when it got SIGTERM): the engine must show the image, or
 * the list with every platform. When the engine does not answer, that is an incident of its own, and it is asked once it is
 * back.
 */
export async function findBuilt(
  image: ImageSpec,
  { id, list }: { id: string | undefined; list: ListBuild | undefined },
  startedAt: number,
  effects: AttemptEffects,
): Promise<Found> {
  if (list !== undefined) return findList(image, list, startedAt, effects);
  const built = id === undefined ? undefined : await lookForImage(id, startedAt, effects);
  return built === undefined ? {} : { built };
}

/** The image with this id or tag, once the engine answers; undefined when it has none. */
export async function lookForImage(
  idOrTag: string,
  startedAt: number,
  effects: AttemptEffects,
): Promise<BuiltImage | undefined> {
  const shown = await show(effects.engine.inspect(idOrTag), startedAt, effects);
  return shown === undefined ? undefined : effects.engine.readInspect(shown);
}

/** A list has no id that all engines would name: it is known by the image in it that is for the engine's own platform. */
async function findList(
  image: ImageSpec,
  { show: question, tag, inspect }: ListBuild,
  startedAt: number,
  effects: AttemptEffects,
): Promise<Found> {
  const list = readList((await show(question, startedAt, effects)) ?? '');
  if (list === undefined) return { missing: 'the client reported success, and there is no list of images' };
  const missing = missingPlatforms(image.platforms, list.platforms);
  if (missing.length > 0) {
    // Seen: podman and buildah of 2022 take a step of one platform out of the cache for another.
    return {
      missing: `the list of images has ${list.platforms.join(', ') || 'nothing'} and lacks ${missing.join(', ')}; with no-cache: true no platform gets what was built for another`,
    };
  }
  if (tag !== undefined && (await show(tag, startedAt, effects)) === undefined) {
    return { missing: 'the list of images could not be given its tags' };
  }
  const own = inspect === undefined ? undefined : await effects.ask(inspect);
  const ownId = own?.code === 0 ? effects.engine.readInspect(own.stdout)?.id : undefined;
  const id = ownId ?? list.digest ?? list.first;
  return id === undefined ? { missing: 'the list of images names no image' } : { built: { id } };
}

/** What the engine prints, once it answers; undefined when it says that there is no such thing. */
async function show(question: Question, startedAt: number, effects: AttemptEffects): Promise<string | undefined> {
  for (let look = 1; look <= LOOKS_FOR_IMAGE; look += 1) {
    const result = await effects.ask(question);
    if (result.code === 0) return result.stdout;
    const answer = await effects.ping();
    if (answer.alive) return undefined;
    effects.incidents.report(startedAt, [`the engine does not answer when asked for a finished image: ${answer.said}`]);
    if (!(await effects.incidents.opened())) return undefined;
  }
  return undefined;
}
