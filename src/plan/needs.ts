import type { ImageInput, Inputs, Problem } from '../inputs/inputs.js';
import { nearest } from '../inputs/nearest.js';
import { whereImage } from '../inputs/problems.js';
import { type Containerfile, imagesOf, readStages } from './containerfile-images.js';
import type { Need } from './cycles.js';
import { locateImage, type Place } from './location.js';
import { plainTag } from './reference.js';
import { shownPath } from './shown-path.js';

/** What the images of a set need of each other. */
export interface Needs {
  /** Without doubles, in the order: named, build contexts, Containerfile. */
  of(name: string): readonly Need[];
  /** Whether the engine finds something that it needs by its tag, which no registry has yet. */
  byTag(name: string): boolean;
  problems: Problem[];
}

/** Where Containerfiles are read from. */
export interface NeedsPlace extends Place {
  environment: Readonly<Record<string, string | undefined>>;
  /** The text of a Containerfile at an absolute path; undefined when it cannot be had. */
  read(path: string): string | undefined;
}

/** A build context that is another image of the set, by its name. */
export const TARGET_CONTEXT = 'target:';
const IMAGE_CONTEXT = /^(?:docker-image|container-image|docker):\/\//;

// Suggestions compare with every name, so hostile input could make them slow.
const MAX_SUGGESTIONS = 10;
/** Parsing takes a millisecond for each kilobyte at worst, and nobody writes longer ones. */
const MOST_CHARACTERS = 128 * 1024;

/** The image's tags as it was written, or the one that it gets. */
export function tagsOf({ name, tags = [] }: ImageInput): string[] {
  return tags.length > 0 || name === '' ? tags : [`${name}:e2e`];
}

/**
 * Finds what images need: as `needs` says, as a build context (`target:NAME`, or `docker-image://` with a tag of another),
 * or as their Containerfile takes from another by its tag. What the engine fetches itself, or cannot be read, tells nothing.
 */
export async function findNeeds(inputs: Inputs, place: NeedsPlace): Promise<Needs> {
  const { images } = inputs;
  const names = new Set(images.map(({ name }) => name).filter((name) => name !== ''));
  const tagged = new Map(
    images.flatMap((image) => tagsOf(image).map((tag): [string, string] => [plainTag(tag) ?? tag, image.name])),
  );
  const mayName = createGuess(images);
  const parsed = new Map<string, Promise<Containerfile>>();
  const problems: Problem[] = [];
  const needs = new Map<string, Map<string, Need>>();
  const byTag = new Set<string>();

  for (const [index, image] of images.entries()) {
    const found = new Map<string, Need>();
    const add = (name: string, why: string) => {
      if (!found.has(name)) found.set(name, { name, why });
    };
    addNamed(image, index, add);
    const addTag = (reference: string, why: string) => {
      const name = tagged.get(plainTag(reference) ?? '');
      // A tag of its own is an older build of it, or somebody else's.
      if (name === undefined || name === image.name) return;
      byTag.add(image.name);
      add(name, why);
    };
    addContexts(image, index, add, addTag);
    if (images.length > 1) await addContainerfile(image, addTag);
    needs.set(image.name, found);
  }
  return {
    of: (name) => [...(needs.get(name)?.values() ?? [])],
    byTag: (name) => byTag.has(name),
    problems,
  };

  function addNamed(image: ImageInput, index: number, add: (name: string, why: string) => void): void {
    for (const [at, name] of (image.needs ?? []).entries()) {
      if (names.has(name)) add(name, 'needs');
      else reportUnknown(`${image.where ?? whereImage(index, image.name)}: needs[${at}]`, name, name);
    }
  }

  function addContexts(
    image: ImageInput,
    index: number,
    add: (name: string, why: string) => void,
    addTag: (reference: string, why: string) => void,
  ): void {
    for (const [key, value] of Object.entries(image.buildContexts ?? {})) {
      const why = `build context ${key}`;
      if (!value.startsWith(TARGET_CONTEXT)) {
        if (IMAGE_CONTEXT.test(value)) addTag(value.replace(IMAGE_CONTEXT, ''), why);
        continue;
      }
      const name = value.slice(TARGET_CONTEXT.length);
      if (names.has(name)) {
        add(name, why);
        byTag.add(image.name);
      } else reportUnknown(`${image.where ?? whereImage(index, image.name)}: build-contexts.${key}`, value, name);
    }
  }

  function reportUnknown(where: string, seen: string, name: string): void {
    const meant = problems.length < MAX_SUGGESTIONS ? nearest(name, names) : undefined;
    const expected = seen === name ? 'the name of an image' : `${TARGET_CONTEXT} and the name of an image`;
    problems.push({ where, seen, expected, ...(meant === undefined ? {} : { hint: `did you mean "${meant}"?` }) });
  }

  async function addContainerfile(image: ImageInput, addTag: (reference: string, why: string) => void): Promise<void> {
    const { file } = locateImage(
      image,
      place,
      () => {},
      () => {},
    );
    const text = image.containerfile ?? (file === undefined ? undefined : place.read(file));
    if (text === undefined || text.length > MOST_CHARACTERS || !mayName(text, image)) return;
    const given = Object.entries({ ...inputs.buildArgs, ...image.buildArgs });
    const args = new Map(given.map(([key, value]) => [key, value ?? place.environment[key] ?? '']));
    const containerfile = parsed.get(text) ?? readStages(text);
    parsed.set(text, containerfile);
    // A build context of that name takes the place of the image.
    const contexts = new Set(Object.keys(image.buildContexts ?? {}).map(plainTag));
    const where =
      file === undefined || image.containerfile !== undefined ? '' : ` of ${shownPath(file, place.workspace)}`;
    for (const { reference, by, line } of imagesOf(await containerfile, image.target, args)) {
      if (contexts.has(plainTag(reference))) continue;
      addTag(reference, `${by} ${reference} in line ${line}${where}`);
    }
  }
}

/**
 * Whether a Containerfile can name a tag of another image at all, so that most need not be parsed: it holds the last part
 * of a repository's name, or puts the name of an image together from variables. Linear to the text.
 */
function createGuess(images: readonly ImageInput[]): (text: string, image: ImageInput) => boolean {
  const owners = new Map<string, string | undefined>();
  for (const image of images) {
    for (const tag of tagsOf(image)) {
      const part = (plainTag(tag) ?? tag).replace(/^.*\//, '').replace(/:.*/, '');
      // Of several images: each must look closer.
      owners.set(part, owners.has(part) && owners.get(part) !== image.name ? undefined : image.name);
    }
  }
  return (text, image) => {
    const joined = text.replace(/[\\`]\r?\n/g, ' ');
    if (/^[ \t]*FROM\b.*\$/im.test(joined) || /\bfrom=[^\s,]{0,300}\$/i.test(joined)) return true;
    const words = joined.match(/[a-z0-9]+(?:[._-]+[a-z0-9]+)*/g) ?? [];
    return words.some((word) => owners.has(word) && owners.get(word) !== image.name);
  };
}
