import type { Definition } from '../document.js';
import { isMap } from '../document.js';
import type { ImageInput, Problem } from '../inputs.js';
import { bakeTargetKeys } from './bake-target.js';
import { readDraft } from './draft.js';

// Groups in groups make many of few words; 10,000 targets can be in 25 groups each.
const MAX_PLACES = 250_000;

/** What bake files define, with all variables and `inherits` resolved. */
export interface BakeDefinition {
  targets: ReadonlyMap<string, Definition>;
  /** Names of targets and of other groups. */
  groups: ReadonlyMap<string, readonly string[]>;
}

/**
 * The images of bake files. What the group or target `default` does not reach is built only when it is picked or needed;
 * without a `default`, that goes for names that begin with `_`, which are private by bake's convention
 * (https://docs.docker.com/build/bake/reference/).
 */
export function bakeImages(
  { targets, groups }: BakeDefinition,
  { path, workspace }: { path: string; workspace: string },
): { images: ImageInput[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const members = new Map<string, Set<string>>();
  const groupsOf = new Map<string, string[]>();
  let places = 0;
  for (const group of groups.keys()) {
    const { names, looked } = membersOf(group, groups);
    places += looked;
    if (places > MAX_PLACES) {
      const problem = {
        where: `${path}: group.${group}`,
        seen: `more than ${MAX_PLACES} names with those of other groups`,
      };
      return {
        images: [],
        problems: [
          { ...problem, expected: `at most ${MAX_PLACES} names of targets and groups in all groups together` },
        ],
      };
    }
    members.set(group, names);
    for (const name of names) listIn(groupsOf, name).push(group);
  }
  for (const [group, names] of groups) {
    const unknown = names.find((name) => !targets.has(name) && !groups.has(name));
    if (unknown === undefined) continue;
    problems.push({ where: `${path}: group.${group}`, seen: unknown, expected: 'names of targets or groups' });
  }
  const byDefault = members.get('default') ?? (targets.has('default') ? new Set(['default']) : undefined);
  const images = [...targets].map(([name, target]) => {
    const where = `${path}: target.${name}`;
    const image = readDraft(target, bakeTargetKeys(target, workspace), { name, where, problems });
    const isOptional = byDefault === undefined ? name.startsWith('_') : !byDefault.has(name);
    const isIn = groupsOf.get(name);
    return { ...image, ...(isIn === undefined ? {} : { groups: isIn }), ...(isOptional ? { isOptional } : {}) };
  });
  return { images, problems };
}

function listIn(lists: Map<string, string[]>, key: string): string[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}

/** The targets of a group and of all groups in it, and how many names that took; one that is in itself is no trouble. */
function membersOf(
  group: string,
  groups: ReadonlyMap<string, readonly string[]>,
): { names: Set<string>; looked: number } {
  const found = new Set<string>();
  const pending = [group];
  const seen = new Set(pending);
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const inside = groups.get(name);
    if (inside === undefined) found.add(name);
    for (const next of inside ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      pending.push(next);
    }
  }
  return { names: found, looked: seen.size };
}

/** The blocks of a bake file under `target` or `group`; undefined when they are written in another form. */
export function blocksOf(file: Definition, key: 'target' | 'group'): Map<string, Definition> | undefined {
  const blocks = file.get(key) ?? new Map<string, unknown>();
  if (!isMap(blocks)) return undefined;
  const read = [...blocks].filter((block): block is [string, Definition] => isMap(block[1]));
  return read.length === blocks.size ? new Map(read) : undefined;
}
