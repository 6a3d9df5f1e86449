import { isMap } from '../document.js';
import { readSettings } from '../image.js';
import { IMAGES_EXPECTED, readImageList } from '../images.js';
import type { ImageInput, Problem } from '../inputs.js';
import { showValue } from '../problems.js';
import type { DefinitionText } from './source.js';

const KEYS = ['images', 'defaults'];
const MERGED = ['buildArgs', 'buildContexts', 'labels'] as const;

type Settings = Omit<ImageInput, 'name'>;

/**
 * Reads a file of our own format: what the input `images` takes, or a map with it under `images`, and under `defaults`
 * settings for every image of the file that has none of its own; maps merge.
 */
export function readOwn({ path, document, takeValues }: Pick<DefinitionText, 'path' | 'document' | 'takeValues'>): {
  images: ImageInput[];
  problems: Problem[];
} {
  const { value, problems: wrong } = document();
  const problems = [...wrong];
  if (value === undefined) return { images: [], problems };
  if (!isMap(value) || !KEYS.some((key) => value.has(key))) {
    return { images: readImageList(value, problems, path), problems };
  }
  for (const key of [...value.keys()].filter((key) => !KEYS.includes(key))) {
    const hint = 'an image belongs under images, and a setting of all of them under defaults';
    problems.push({ where: path, seen: key, expected: 'images, or defaults', hint });
  }
  const defaults = readDefaults(value.get('defaults'), path, problems);
  if (!value.has('images')) problems.push({ where: `${path}: images`, seen: '', expected: IMAGES_EXPECTED });
  const images = value.has('images') ? readImageList(value.get('images'), problems, path) : [];
  const entries = MERGED.reduce((sum, key) => sum + Object.keys(defaults[key] ?? {}).length, 0);
  const excess = takeValues(images.length * entries);
  if (excess !== undefined) return { images: [], problems: [...problems, excess] };
  return { images: images.map((image) => ({ ...merge(defaults, image), name: image.name })), problems };
}

function readDefaults(value: unknown, path: string, problems: Problem[]): Settings {
  const where = `${path}: defaults`;
  if (value === undefined || value === null) return {};
  if (!isMap(value)) {
    problems.push({ where, seen: showValue(value), expected: 'a map of settings that an image can have' });
    return {};
  }
  if (value.has('name')) {
    problems.push({
      where: `${where}: name`,
      seen: showValue(value.get('name')),
      expected: 'no name, as each image has its own',
    });
  }
  return readSettings(value, { where, problems });
}

function merge(defaults: Settings, image: ImageInput): Settings {
  const merged: Settings = { ...defaults, ...image };
  for (const key of MERGED) {
    if (defaults[key] !== undefined) Object.assign(merged, { [key]: { ...defaults[key], ...image[key] } });
  }
  return merged;
}
