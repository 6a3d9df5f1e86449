import type * as z from 'zod';
import type { Definition } from './document.js';
import { isMap } from './document.js';
import { IMAGE_KEYS, isImageKey, nearestImageKey } from './image-keys.js';
import { imageName, imageSettings } from './image-schema.js';
import type { ImageInput, Problem } from './inputs.js';
import { showValue, whereImage } from './problems.js';
import { showImageSecret } from './secrets.js';

type Settings = z.output<typeof imageSettings>;
type Report = (key: string, seen: unknown, expected: string, hint?: string) => void;

/** Where a definition stands, and what is wrong with it. */
export interface DefinitionPlace {
  /** For `Problem.where`, to be followed by the key. */
  where: string;
  problems: Problem[];
  /** A value as an error may show it; by default as it is. */
  show?(key: string, value: unknown): string;
}

/**
 * Reads the image at this place of a list, and adds what is wrong to `problems`. What is wrong is left out of the image,
 * and a wrong name is ''. `file` is the definition file that the list is in.
 */
export function readImage(value: unknown, index: number, problems: Problem[], file?: string): ImageInput {
  const written = isMap(value) ? value.get('name') : undefined;
  const where = whereImage(index, typeof written === 'string' ? written : '', file);
  if (!isMap(value)) {
    problems.push({ where, seen: showValue(value), expected: 'a map with a name' });
    return { name: '' };
  }
  return { ...readDefinition(value, { where, problems }), ...(file === undefined ? {} : { where }) };
}

/** Reads an image's name and settings under the keys of our own format. */
export function readDefinition(definition: Definition, place: DefinitionPlace): ImageInput {
  const written = definition.get('name');
  const name = imageName.safeParse(written);
  const report = reporter(place);
  for (const issue of name.error?.issues ?? []) report('name', written, issue.message);
  return { ...readSettings(definition, place), name: name.data ?? '' };
}

/** Reads settings that an image can have; a name is passed over. */
export function readSettings(definition: Definition, place: DefinitionPlace): Omit<ImageInput, 'name'> {
  const report = reporter(place);
  const settings = correctKeys(definition, report);
  const read = imageSettings.safeParse(Object.fromEntries(settings));
  const wrong = new Set<string>();
  for (const { path, message } of read.error?.issues ?? []) {
    wrong.add(String(path[0]));
    const seen = valueAt(settings, path);
    const shown = path[0] === 'secrets' ? showImageSecret(seen) : seen;
    report(showPath(path), shown, message);
  }
  const right = read.data ?? imageSettings.parse(Object.fromEntries([...settings].filter(([key]) => !wrong.has(key))));
  return toFields(right);
}

function reporter({ where, problems, show = (_, value) => showValue(value) }: DefinitionPlace): Report {
  return (key, seen, expected, hint) => {
    const problem = { where: `${where}: ${key}`, seen: show(key, seen), expected };
    problems.push(hint === undefined ? problem : { ...problem, hint });
  };
}

/** The settings under the keys that were meant, so that one typing slip does not hide what else is wrong. */
function correctKeys(definition: Definition, report: Report): Definition {
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
