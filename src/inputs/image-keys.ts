import type { imageSettings } from './image-schema.js';
import type { ImageInput } from './inputs.js';
import { nearest } from './nearest.js';

type SettingKey = keyof typeof imageSettings.shape;

/** Each key of an image as users write it, with the field of `ImageInput` that it fills. */
export const IMAGE_KEYS = {
  name: 'name',
  context: 'context',
  file: 'file',
  target: 'target',
  tags: 'tags',
  'build-args': 'buildArgs',
  'build-contexts': 'buildContexts',
  labels: 'labels',
  secrets: 'secrets',
  platforms: 'platforms',
  'cache-from': 'cacheFrom',
  'cache-to': 'cacheTo',
  'no-cache': 'noCache',
  pull: 'pull',
  push: 'push',
  'extra-args': 'extraArgs',
  needs: 'needs',
  exclusive: 'exclusive',
  memory: 'memoryBytes',
  timeout: 'timeoutMs',
} as const satisfies Record<'name' | SettingKey, keyof ImageInput>;

export type ImageKey = keyof typeof IMAGE_KEYS;

// What the same thing is called in compose and bake files.
const FOREIGN_KEYS: Readonly<Record<string, ImageKey>> = {
  additionalcontexts: 'build-contexts',
  args: 'build-args',
  buildargs: 'build-args',
  containerfile: 'file',
  contexts: 'build-contexts',
  dependson: 'needs',
  dockerfile: 'file',
  nocache: 'no-cache',
  platform: 'platforms',
};

/** Whether an image has this key. */
export function isImageKey(key: string): key is ImageKey {
  return Object.hasOwn(IMAGE_KEYS, key);
}

/** The key that an unknown one most likely means: other tools' words, other spellings (camelCase, snake_case), typing slips. */
export function nearestImageKey(key: string): ImageKey | undefined {
  const words = key
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase();
  if (isImageKey(words)) return words;
  const foreign = words.replaceAll('-', '');
  if (Object.hasOwn(FOREIGN_KEYS, foreign)) return FOREIGN_KEYS[foreign];
  return nearest(words, Object.keys(IMAGE_KEYS)) as ImageKey | undefined;
}
