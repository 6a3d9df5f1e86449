import type { Definition } from '../document.js';
import { countValues, isMap, MAX_VALUES } from '../document.js';
import type { Problem } from '../inputs.js';
import { type BakeDefinition, blocksOf } from './bake.js';
import { texts } from './draft.js';
import type { DefinitionText } from './source.js';

// Nobody inherits over more, and bake has a limit too: the stack.
const MAX_DEPTH = 100;
// What a target adds to what it inherits; anything else of its own takes the place of that.
const MAPS = ['args', 'contexts', 'labels', 'extra-hosts'];
const LISTS = [
  'annotations',
  'no-cache-filter',
  'ulimits',
  'entitlements',
  'secret',
  'ssh',
  'cache-from',
  'attest',
  'policy',
];

type DefinitionPlace = Pick<DefinitionText, 'path' | 'takeValues'>;

/** What in a bake file of JSON only bake itself can resolve; undefined when there is nothing. */
export function whatNeedsBake(file: Definition): string | undefined {
  const key = ['variable', 'function'].find((key) => file.has(key));
  if (key !== undefined) return key;
  const targets = blocksOf(file, 'target');
  if (targets === undefined || blocksOf(file, 'group') === undefined) return 'blocks in lists';
  const generated = [...targets].find(([, target]) => target.has('matrix') || target.has('name'));
  if (generated !== undefined) return `target.${generated[0]}: matrix, or name`;
  return hasTemplate(file) ? 'an expression within a text' : undefined;
}

/** Without recursion, as a list can hold itself by an alias. */
function hasTemplate(document: unknown): boolean {
  const pending = [document];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (typeof value === 'string' && /[$%]\{/.test(value)) return true;
    if (Array.isArray(value) || isMap(value)) for (const item of value.values()) pending.push(item);
  }
  return false;
}

/** Resolves bake files of plain JSON by ourselves: groups, and targets with what they inherit. */
export function resolveBakeFiles(
  files: readonly (DefinitionPlace & { file: Definition })[],
): BakeDefinition & { problems: Problem[] } {
  const problems: Problem[] = [];
  const written = new Map<string, Definition>();
  const groups = new Map<string, string[]>();
  const place = new Map<string, DefinitionPlace>();
  let excess: Problem | undefined;
  for (const { path, file, takeValues } of files) {
    for (const key of file.keys()) {
      if (key !== 'target' && key !== 'group' && key !== '//') {
        problems.push({ where: path, seen: key, expected: 'target, or group' });
      }
    }
    for (const [name, target] of blocksOf(file, 'target') ?? []) {
      if (written.has(name)) problems.push(twice(path, `target.${name}`));
      written.set(name, target);
      place.set(name, { path, takeValues });
    }
    for (const [name, group] of blocksOf(file, 'group') ?? []) {
      if (groups.has(name)) problems.push(twice(path, `group.${name}`));
      const names = texts(group.get('targets'));
      if (names === undefined) {
        problems.push({ where: `${path}: group.${name}: targets`, seen: '', expected: 'a list of names of targets' });
      }
      groups.set(name, names ?? []);
    }
  }
  const resolved = new Map<string, Definition>();
  const targets = [...written.keys()].map((name): [string, Definition] => [name, resolve(name, [])]);
  if (excess !== undefined) return { targets: new Map(), groups: new Map(), problems: [...problems, excess] };
  return { targets: new Map(targets), groups, problems };

  function resolve(name: string, above: readonly string[]): Definition {
    const known = resolved.get(name);
    if (known !== undefined) return known;
    const own = written.get(name) ?? new Map<string, unknown>();
    const inherits = own.get('inherits') ?? [];
    const where = `${place.get(name)?.path}: target.${name}: inherits`;
    const names = texts(inherits);
    if (names === undefined) problems.push({ where, seen: '', expected: 'a list of names of targets' });
    const merged = new Map<string, unknown>();
    for (const from of names ?? []) {
      if (excess !== undefined) break;
      if (!written.has(from)) problems.push({ where, seen: from, expected: 'names of targets' });
      else if (from === name || above.includes(from) || above.length >= MAX_DEPTH) {
        problems.push({
          where,
          seen: from,
          expected: `a target that does not inherit from this one, and from ${MAX_DEPTH} at most`,
        });
      } else {
        inherit(merged, resolve(from, [...above, name]));
        excess ??= place.get(name)?.takeValues(countValues(merged, MAX_VALUES) ?? MAX_VALUES);
      }
    }
    inherit(merged, own);
    merged.delete('inherits');
    resolved.set(name, merged);
    return merged;
  }
}

function inherit(into: Map<string, unknown>, from: Definition): void {
  for (const [key, value] of from) {
    const known = into.get(key);
    if (MAPS.includes(key) && isMap(known) && isMap(value)) into.set(key, new Map([...known, ...notNull(value)]));
    else if (LISTS.includes(key) && Array.isArray(known) && Array.isArray(value)) {
      into.set(key, [...new Set([...known, ...value])]);
    } else into.set(key, value);
  }
}

/** A key with null says nothing. */
function notNull(map: Definition): [string, unknown][] {
  return [...map].filter(([, value]) => value !== null);
}

function twice(path: string, name: string): Problem {
  const hint = 'docker buildx merges them; it is asked when a file has HCL in it';
  return { where: path, seen: name, expected: 'each target and group in one file only', hint };
}
