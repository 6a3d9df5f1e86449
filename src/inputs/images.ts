import type { Definition } from './document.js';
import { isMap, readDocument } from './document.js';
import { readImage } from './image.js';
import { isImageKey } from './image-keys.js';
import type { ImageInput, Problem } from './inputs.js';
import { showValue, whereImage } from './problems.js';

/** The forms that images can be written in, for messages. */
export const IMAGES_EXPECTED = 'a list of images, a map of names to images, or a map of names to Containerfile paths';

/** More than any suite has, and few enough to be read, planned and reported in seconds. */
export const MAX_IMAGES = 10_000;

/**
 * Reads the `images` input. What is wrong is left out of an image, and a wrong name is '', so that the images keep
 * their places and the plan can still find what else is wrong with them.
 */
export function readImages(text: string): { images: ImageInput[]; problems: Problem[] } {
  if (text.trim() === '') {
    const hint = 'or set files to the definition files that have them';
    return { images: [], problems: [{ where: 'images', seen: '', expected: IMAGES_EXPECTED, hint }] };
  }
  const { value, problems } = readDocument('images', text);
  return value === undefined ? { images: [], problems } : { images: readImageList(value, problems), problems };
}

/** Reads all forms that images can be written in; `file` is the definition file that they are in. */
export function readImageList(value: unknown, problems: Problem[], file?: string): ImageInput[] {
  return toDefinitions(value, problems, file).map((definition, index) => readImage(definition, index, problems, file));
}

/** A problem for each name that an image before it has, or when there are more images than can be handled. */
export function checkImages(images: readonly ImageInput[]): Problem[] {
  if (images.length <= MAX_IMAGES) return findDuplicates(images);
  return [{ where: 'files', seen: `${images.length} images`, expected: `at most ${MAX_IMAGES}` }];
}

function toDefinitions(value: unknown, problems: Problem[], file: string | undefined): unknown[] {
  const where = file === undefined ? 'images' : `${file}: images`;
  const definitions = Array.isArray(value) ? value : isMap(value) ? mapToDefinitions(value, problems, file) : [];
  if (definitions.length > MAX_IMAGES) {
    problems.push({ where, seen: `${definitions.length} images`, expected: `at most ${MAX_IMAGES}` });
    return [];
  }
  if (definitions.length === 0) problems.push({ where, seen: showValue(value), expected: IMAGES_EXPECTED });
  return definitions;
}

function mapToDefinitions(map: Definition, problems: Problem[], file: string | undefined): Definition[] {
  if (map.size > 1 && map.has('name') && [...map.keys()].every(isImageKey)) {
    const where = file === undefined ? 'images' : `${file}: images`;
    const hint = 'begin a single image with "- " to make it a list of one';
    problems.push({ where, seen: showValue(map), expected: IMAGES_EXPECTED, hint });
    return [map];
  }
  return [...map].map(([name, image], index) => {
    // Anything but a map is the short form; the image's own check says so when it is no path.
    if (!isMap(image)) return new Map<string, unknown>().set('name', name).set('file', image);
    if (image.has('name') && image.get('name') !== name) {
      const seen = showValue(image.get('name'));
      problems.push({
        where: `${whereImage(index, name, file)}: name`,
        seen,
        expected: `"${name}", the map's key, or no name`,
      });
    }
    return new Map([...image, ['name', name]]);
  });
}

function findDuplicates(images: readonly ImageInput[]): Problem[] {
  const places = new Map<string, string>();
  return images.flatMap(({ name, where }, index) => {
    const first = places.get(name);
    if (first === undefined) places.set(name, where ?? `images[${index}]`);
    if (first === undefined || name === '') return [];
    const hint = `${first} has it already`;
    const expected = 'a name that no other image has';
    return [{ where: `${where ?? whereImage(index, name)}: name`, seen: name, expected, hint }];
  });
}
