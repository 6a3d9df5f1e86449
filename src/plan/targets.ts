import type { ImageInput, Problem } from '../inputs/inputs.js';
import { nearest } from '../inputs/nearest.js';
import { whereImage } from '../inputs/problems.js';

// Suggestions compare with every name, so hostile input could make them slow.
const MAX_SUGGESTIONS = 10;

/** The names of the images that must be built before this one. */
export function needsOf(image: ImageInput): string[] {
  const contexts = Object.values(image.buildContexts ?? {});
  const targets = contexts.flatMap((context) =>
    context.startsWith('target:') ? [context.slice('target:'.length)] : [],
  );
  return [...new Set([...(image.needs ?? []), ...targets])];
}

/**
 * Picks the images that `targets` name, by their names, by the names of their groups, or by patterns of either (`*` is any
 * text, `?` one character), and brings all that they need. Without targets it is every image that is not optional.
 */
export function selectImages(
  images: readonly ImageInput[],
  targets: readonly string[],
): { selected: ReadonlySet<string>; problems: Problem[] } {
  const problems: Problem[] = [];
  const byName = new Map(images.map((image) => [image.name, image]));
  const selected = new Set<string>();
  if (targets.length === 0) {
    for (const { name, isOptional } of images) if (!isOptional) selected.add(name);
    if (selected.size === 0 && images.length > 0) {
      problems.push({ where: 'targets', seen: '', expected: 'names of images, as none is built by default' });
    }
  }
  const names = namesOf(images);
  for (const target of new Set(targets)) {
    const found = names.get(target) ?? (/[*?]/.test(target) ? matching(target, names) : undefined);
    for (const name of found ?? []) selected.add(name);
    if (found === undefined) problems.push(unknownTarget(target, names, problems.length < MAX_SUGGESTIONS));
  }
  bringNeeds(selected, byName);
  return { selected, problems: [...problems, ...unknownNeeds(images, byName)] };
}

/** What each name stands for: an image, or the images of a group. */
function namesOf(images: readonly ImageInput[]): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const { name, groups = [] } of images) {
    for (const key of new Set([name, ...groups])) {
      const known = names.get(key);
      if (known === undefined) names.set(key, [name]);
      else known.push(name);
    }
  }
  return names;
}

function matching(pattern: string, names: ReadonlyMap<string, string[]>): string[] | undefined {
  const found = [...names].filter(([name]) => matches(pattern, name)).flatMap(([, images]) => images);
  return found.length === 0 ? undefined : found;
}

/** Whether the whole name fits; a pattern of many stars costs no more than pattern times name. */
export function matches(pattern: string, name: string): boolean {
  let at = 0;
  let rest = 0;
  let star = -1;
  let resume = 0;
  while (at < name.length) {
    if (pattern[rest] === '*') {
      star = rest;
      rest += 1;
      resume = at;
    } else if (pattern[rest] === '?' || pattern[rest] === name[at]) {
      at += 1;
      rest += 1;
    } else if (star >= 0) {
      resume += 1;
      at = resume;
      rest = star + 1;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(rest));
}

function bringNeeds(selected: Set<string>, byName: ReadonlyMap<string, ImageInput>): void {
  const pending = [...selected];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const image = byName.get(name);
    for (const need of image === undefined ? [] : needsOf(image)) {
      if (selected.has(need) || !byName.has(need)) continue;
      selected.add(need);
      pending.push(need);
    }
  }
}

function unknownTarget(target: string, names: ReadonlyMap<string, string[]>, suggests: boolean): Problem {
  const isPattern = /[*?]/.test(target);
  const problem = {
    where: 'targets',
    seen: target,
    expected: isPattern ? 'a pattern that the name of an image fits' : 'the name of an image',
  };
  const meant = suggests ? nearest(target.replace(/[*?]/g, ''), names.keys()) : undefined;
  return meant === undefined ? problem : { ...problem, hint: `did you mean "${meant}"?` };
}

function unknownNeeds(images: readonly ImageInput[], byName: ReadonlyMap<string, ImageInput>): Problem[] {
  let suggestions = 0;
  return images.flatMap((image, index) =>
    needsOf(image)
      .filter((need) => !byName.has(need))
      .map((need) => {
        const where = `${image.where ?? whereImage(index, image.name)}: needs`;
        const problem = { where, seen: need, expected: 'the name of an image' };
        suggestions += 1;
        const meant = suggestions <= MAX_SUGGESTIONS ? nearest(need, byName.keys()) : undefined;
        return meant === undefined ? problem : { ...problem, hint: `did you mean "${meant}"?` };
      }),
  );
}
