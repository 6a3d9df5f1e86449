import type * as z from 'zod';
import type { Definition } from './document.js';
import { isMap } from './document.js';
import { IMAGE_KEYS, isImageKey, nearestImageKey } from './image-keys.js';
import { imageName, imageSettings } from './image-schema.js';
import type { ImageInput, Problem } from './inputs.js';
import { showValue, whereImage } from './problems.js';
import { showImageSecret } from './secrets.js';

type Settings = z.output<typeof imageSettings>;

/**
 * Reads one image's definition and adds what is wrong to `problems`. What is wrong is left out of the image, and a
 * wrong name is ''.
 */
export function readImage(value: unknown, index: number, problems: Problem[]): ImageInput {
  if (!isMap(value)) {
    problems.push({ where: whereImage(index, ''), seen: showValue(value), expected: 'a map with a name' });
    return { name: '' };
  }
  const written = value.get('name');
  const name = imageName.safeParse(written);
  const where = whereImage(index, typeof written === 'string' ? written : '');
  const report = (key: string, seen: unknown, expected: string, hint?: string) => {
    const problem = { where: `${where}: ${key}`, seen: showValue(seen), expected };
    problems.push(hint === undefined ? problem : { ...problem, hint });
  };
  for (const issue of name.error?.issues ?? []) report('name', written, issue.message);
  const settings = correctKeys(value, report);
  const read = imageSettings.safeParse(Object.fromEntries(settings));
  const wrong = new Set<string>();
  for (const { path, message } of read.error?.issues ?? []) {
    wrong.add(String(path[0]));
    const seen = valueAt(settings, path);
    const shown = path[0] === 'secrets' ? showImageSecret(seen) : seen;
    report(showPath(path), shown, message);
  }
  const right = read.data ?? imageSettings.parse(Object.fromEntries([...settings].filter(([key]) => !wrong.has(key))));
  return { ...toFields(right), name: name.data ?? '' };
}

/** The settings under the keys that were meant, so that one typing slip does not hide what else is wrong. */
function correctKeys(
  definition: Definition,
  report: (key: string, seen: unknown, expected: string, hint: string) => void,
): Definition {
  const settings = new Map<string, unknown>();
  for (const [key, value] of definition) {
    if (key === 'name') continue;
    const meant = isImageKey(key) ? key : nearestImageKey(key);
    if (meant !== key) {
      const hint =
        meant === undefined ? `an image has ${Object.keys(IMAGE_KEYS).join(', ')}` : `did you mean "${meant}"?`;
      report(key, value, 'a key that an image has', hint);
    }
    if (meant === key || (meant !== undefined && meant !== 'name' && !definition.has(meant))) {
      settings.set(meant, value);
    }
  }
  return settings;
}

type Fields = { [Key in keyof Settings as (typeof IMAGE_KEYS)[Key]]: Settings[Key] };

function toFields(settings: Settings): Fields {
  const fields = Object.entries(settings).map(([key, value]) => [IMAGE_KEYS[key as keyof Settings], value]);
  return Object.fromEntries(fields) as Fields;
}

function showPath([key, ...rest]: readonly PropertyKey[]): string {
  return String(key) + rest.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
}

/** What stands at the path; a text that was split has no places within, so it stands for its parts. */
function valueAt(definition: Definition, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => {
    if (isMap(value)) return value.get(String(key));
    return Array.isArray(value) ? value[Number(key)] : value;
  }, definition);
}
