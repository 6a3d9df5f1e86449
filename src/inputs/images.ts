import type { Definition } from './document.js';
import { isMap, readDocument } from './document.js';
import { readImage } from './image.js';
import { isImageKey } from './image-keys.js';
import type { ImageInput, Problem } from './inputs.js';
import { showValue, whereImage } from './problems.js';

const IMAGES_EXPECTED = 'a list of images, a map of names to images, or a map of names to Containerfile paths';

// More than any suite has, and few enough to be read, planned and reported in seconds.
const MAX_IMAGES = 10_000;

/**
 * Reads the `images` input. What is wrong is left out of an image, and a wrong name is '', so that the images keep
 * their places and the plan can still find what else is wrong with them.
 */
export function readImages(text: string): { images: ImageInput[]; problems: Problem[] } {
  if (text.trim() === '') return { images: [], problems: [{ where: 'images', seen: '', expected: IMAGES_EXPECTED }] };
  const { value, problems } = readDocument('images', text);
  if (value === undefined) return { images: [], problems };
  const images = toDefinitions(value, problems).map((definition, index) => readImage(definition, index, problems));
  return { images, problems: [...problems, ...findDuplicates(images)] };
}

function toDefinitions(value: unknown, problems: Problem[]): unknown[] {
  const definitions = Array.isArray(value) ? value : isMap(value) ? mapToDefinitions(value, problems) : [];
  if (definitions.length > MAX_IMAGES) {
    problems.push({ where: 'images', seen: `${definitions.length} images`, expected: `at most ${MAX_IMAGES}` });
    return [];
  }
  if (definitions.length === 0) problems.push({ where: 'images', seen: showValue(value), expected: IMAGES_EXPECTED });
  return definitions;
}

function mapToDefinitions(map: Definition, problems: Problem[]): Definition[] {
  if (map.size > 1 && map.has('name') && [...map.keys()].every(isImageKey)) {
    const hint = 'begin a single image with "- " to make it a list of one';
    problems.push({ where: 'images', seen: showValue(map), expected: IMAGES_EXPECTED, hint });
    return [map];
  }
  return [...map].map(([name, image], index) => {
    // Anything but a map is the short form; the image's own check says so when it is no path.
    if (!isMap(image)) return new Map<string, unknown>().set('name', name).set('file', image);
    if (image.has('name') && image.get('name') !== name) {
      const seen = showValue(image.get('name'));
      problems.push({
        where: `${whereImage(index, name)}: name`,
        seen,
        expected: `"${name}", the map's key, or no name`,
      });
    }
    return new Map([...image, ['name', name]]);
  });
}

function findDuplicates(images: ImageInput[]): Problem[] {
  const places = new Map<string, number>();
  return images.flatMap(({ name }, index) => {
    const first = places.get(name);
    if (first === undefined) places.set(name, index);
    if (first === undefined || name === '') return [];
    const where = `${whereImage(index, name)}: name`;
    return [{ where, seen: name, expected: 'a name that no other image has', hint: `images[${first}] has it already` }];
  });
}
