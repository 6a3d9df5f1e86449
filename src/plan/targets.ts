import type { ImageInput, Problem } from '../inputs/inputs.js';
import { nearest } from '../inputs/nearest.js';

// Suggestions compare with every name, so hostile input could make them slow.
const MAX_SUGGESTIONS = 10;

/**
 * Picks the images that `targets` name, by their names, by the names of their groups, or by patterns of either (`*` is any
 * text, `?` one character), and brings all that they need. Without targets it is every image that is not optional.
 */
export function selectImages(
  images: readonly ImageInput[],
  targets: readonly string[],
  needsOf: (name: string) => readonly string[],
): { selected: ReadonlySet<string>; problems: Problem[] } {
  const problems: Problem[] = [];
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
  return { selected: withNeeds(selected, needsOf), problems };
}

/** These names, and all that they need, directly or not. */
function withNeeds(names: Iterable<string>, needsOf: (name: string) => readonly string[]): Set<string> {
  const chosen = new Set<string>();
  const pending = [...names];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (chosen.has(name)) continue;
    chosen.add(name);
    pending.push(...needsOf(name));
  }
  return chosen;
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
