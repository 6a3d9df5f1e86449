import { looksSecret } from '../../secrets/secret-name.js';
import { isMap, readDocument } from '../document.js';
import type { Problem } from '../inputs.js';

/** Under these keys compose and bake files have values of the user's own, some of which are secrets. */
const VALUES = /^(?:args|build-args|environment|labels|secrets?)$/;
// A shorter one is part of too many words.
const SHORTEST = 4;
const HIDDEN = '…';

/** Problems of a document's syntax, without the lines that they quote: a file of services holds secrets in many places. */
export function withoutLines(problems: readonly Problem[]): Problem[] {
  return problems.map(({ hint, ...problem }) => ({
    ...problem,
    seen: 'what is not shown, as it may be secret',
    ...(hint === undefined ? {} : { hint: hint.replace(/"(?:[^"\\]|\\.)*"/g, `"${HIDDEN}"`) }),
  }));
}

/** A tool's words about these files, without the values in them and in the environment that may be secret. */
export function withoutValues(
  words: string,
  files: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const values = new Set<string>();
  for (const [name, value] of Object.entries(environment)) if (looksSecret(name) && value) values.add(value);
  for (const text of files) collect(readDocument('', text).value, values);
  const longestFirst = [...values].filter((value) => value.length >= SHORTEST).sort((a, b) => b.length - a.length);
  return longestFirst.reduce((text, value) => text.replaceAll(value, HIDDEN), words);
}

/** Without recursion, as a list can hold itself by an alias. */
function collect(document: unknown, values: Set<string>): void {
  const pending: [unknown, boolean][] = [[document, false]];
  const seen = new Set<unknown>();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [value, isValue] = next;
    if (typeof value === 'string' && isValue) {
      values.add(value);
      values.add(value.slice(value.indexOf('=') + 1));
    }
    if (isValue ? false : seen.has(value)) continue;
    seen.add(value);
    if (Array.isArray(value)) for (const item of value) pending.push([item, isValue]);
    if (isMap(value)) {
      for (const [key, item] of value) pending.push([item, isValue || VALUES.test(key) || looksSecret(key)]);
    }
  }
}
