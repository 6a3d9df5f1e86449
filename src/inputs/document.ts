import { isScalar, Lexer, LineCounter, parseDocument, visit } from 'yaml';
import type { Problem } from './inputs.js';

/** A map of a definition, in the order in which it was written (an object would put keys such as `2` first). */
export type Definition = ReadonlyMap<string, unknown>;

/** The most characters of a document. */
export const MAX_LENGTH = 2 * 1024 * 1024;
// A plain word is 1, and costs about a kilobyte to parse: what 10,000 images of seven values have, and 300 MB allow.
export const MAX_SIZE = 200_000;
// Nobody nests deeper, and nesting costs most of all.
const MAX_DEPTH = 100;
// A shorter text has neither enough tokens nor enough depth to matter.
const HARMLESS_LENGTH = 16 * 1024;
// What is wrong in the same way so often teaches nothing more.
const MAX_KEY_PROBLEMS = 50;
// 10,000 images have 25 each; aliases are counted as often as they are used.
export const MAX_VALUES = 250_000;
// Uses of an alias times what it holds: enough for shared settings, too few for a "billion laughs".
const MAX_ALIASES = 1000;
// A mistake's first echoes; the rest of them teach nothing.
const MAX_SYNTAX_PROBLEMS = 5;

/** What a document holds, and what is wrong with it. */
export interface ReadDocument {
  value: unknown;
  problems: Problem[];
}

/**
 * Reads YAML or JSON into lists, `Definition` maps, strings and nulls. Numbers and booleans stay as they were written,
 * so that a version `1.20` is not taken for 1.2. Syntax errors and duplicate keys become problems with line and column;
 * the value is `undefined` when there is nothing to go on with.
 */
export function readDocument(where: string, text: string): ReadDocument {
  if (text.length > MAX_LENGTH) {
    const seen = `${text.length} characters`;
    return { value: undefined, problems: [{ where, seen, expected: `at most ${MAX_LENGTH} characters` }] };
  }
  const excess = text.length > HARMLESS_LENGTH ? findExcess(text) : undefined;
  if (excess !== undefined) return { value: undefined, problems: [{ where, ...excess }] };
  const lines = text.split('\n');
  const counter = new LineCounter();
  const problems: Problem[] = [];
  let isReadable = true;
  const report = (offset: number, expected: string, hint: string) => {
    const { line, col } = counter.linePos(offset);
    const seen = (lines[line - 1] ?? '').trim();
    if (problems.length < MAX_KEY_PROBLEMS) {
      problems.push({ where: `${where}, line ${line}, column ${col}`, seen, expected, hint });
    }
  };
  try {
    // Our own check of duplicate keys is linear; the library's compares every key with every other.
    const document = parseDocument(text, {
      lineCounter: counter,
      logLevel: 'error',
      merge: true,
      prettyErrors: false,
      uniqueKeys: false,
    });
    for (const error of document.errors.slice(0, MAX_SYNTAX_PROBLEMS)) {
      report(error.pos[0], 'valid YAML or JSON', error.message);
    }
    if (problems.length > 0) return { value: undefined, problems };
    visit(document, {
      Map(_, map) {
        const known = new Set<string>();
        for (const { key } of map.items) {
          const { range } = key as { range?: [number, number, number] | null };
          const offset = range?.[0] ?? map.range?.[0] ?? 0;
          if (!isScalar(key)) {
            isReadable = false;
            report(offset, 'a key of plain text', 'a list, a map or an alias cannot be a key');
            continue;
          }
          if (key.value === null) key.value = '';
          const name = key.value === '' ? '' : (key.source ?? String(key.value));
          if (known.has(name)) report(offset, 'each key once', `"${name}" is there already`);
          known.add(name);
        }
      },
      Scalar(_, scalar) {
        if (typeof scalar.value !== 'string' && scalar.value !== null) scalar.value = scalar.source ?? scalar.value;
      },
    });
    const value: unknown = document.toJS({ mapAsMap: true, maxAliasCount: MAX_ALIASES });
    if (countValues(value, MAX_VALUES) === undefined) {
      const expected = `at most ${MAX_VALUES} values, each alias counted as what it stands for`;
      return { value: undefined, problems: [...problems, { where, seen: text, expected }] };
    }
    return { value: isReadable ? value : undefined, problems };
  } catch (error) {
    // Unknown anchors and too many aliases come as ReferenceError, nesting beyond the stack as RangeError.
    const hint = error instanceof Error ? error.message : String(error);
    return { value: undefined, problems: [...problems, { where, seen: text, expected: 'valid YAML or JSON', hint }] };
  }
}

/** What is too much of it, found before any of it costs memory. */
function findExcess(text: string): { seen: string; expected: string } | undefined {
  let size = 0;
  let depth = 0;
  for (const token of new Lexer().lex(text)) {
    size += sizeOf(token);
    if (token === '[' || token === '{') depth += 1;
    if (token === ']' || token === '}') depth -= 1;
    if (depth > MAX_DEPTH)
      return { seen: `more than ${MAX_DEPTH} nested lists and maps`, expected: `at most ${MAX_DEPTH}` };
    if (size > MAX_SIZE) {
      const expected = `at most ${MAX_SIZE} words and lists, about 10,000 images`;
      return { seen: `more than ${MAX_SIZE} words and lists`, expected };
    }
  }
  return undefined;
}

/** What a text costs to parse, in plain words (`MAX_SIZE`); undefined when it is above the limit. */
export function sizeOfText(text: string, limit: number): number | undefined {
  let size = 0;
  for (const token of new Lexer().lex(text)) {
    size += sizeOf(token);
    if (size > limit) return undefined;
  }
  return size;
}

/** What a token of the lexer (https://eemeli.org/yaml/#lexer) costs to parse, measured. */
function sizeOf(token: string): number {
  switch (token[0]) {
    case '[':
    case '{':
      return 2;
    case '"':
    case "'":
    case '!':
      return 1.5;
    // The lexer's mark before a plain word.
    case '\u001f':
    case '-':
    case '?':
    case '&':
    case '*':
      return 1;
    case ':':
    case ',':
      return 0.5;
    default:
      return 0;
  }
}

/** How many values a document has, each alias counted as what it stands for; undefined when there are more than the limit. */
export function countValues(document: unknown, limit: number): number | undefined {
  // Without recursion, as a list can hold itself by an alias.
  const pending = [document];
  let count = 0;
  for (; pending.length > 0; count++) {
    if (count + pending.length > limit) return undefined;
    const value = pending.pop();
    if (Array.isArray(value) || isMap(value)) for (const item of value.values()) pending.push(item);
  }
  return count;
}

/** Whether a value out of a document is a map. */
export function isMap(value: unknown): value is Definition {
  return value instanceof Map;
}
