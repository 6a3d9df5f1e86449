import type { InputName } from './defaults.js';
import { INPUT_DEFAULTS } from './defaults.js';
import type { Problem } from './inputs.js';
import type { Pair } from './values.js';
import { parsePair } from './values.js';

/** Reads inputs one by one and collects what is wrong with them. */
export interface InputReader {
  readonly problems: Problem[];
  /** The raw value. */
  raw(name: InputName): string;
  /** The trimmed value, or else the default, as `parse` reads it; a wrong value is a problem and gives the default. */
  value<T>(name: InputName, parse: (text: string) => T | undefined, expected: string): T;
  /** The trimmed value; `undefined` when unset or wrong. */
  optional(name: InputName, right: RegExp, expected: string): string | undefined;
  /** One `KEY=VALUE` a line, never split on commas; values are kept as they are, and the last of equal keys wins. */
  pairs<Right extends Pair>(
    name: InputName,
    isRight: (pair: Pair) => pair is Right,
    expected: string,
  ): Record<string, Right[1]>;
}

/** A reader over `get`, which gives an input's raw value ('' when unset). */
export function createInputReader(get: (name: string) => string): InputReader {
  const problems: Problem[] = [];
  const reader: InputReader = {
    problems,
    raw: (name) => get(name),
    value: <T>(name: InputName, parse: (text: string) => T | undefined, expected: string): T => {
      const seen = get(name).trim();
      const value = seen === '' ? undefined : parse(seen);
      if (value !== undefined) return value;
      if (seen !== '') problems.push({ where: name, seen, expected });
      return parse(INPUT_DEFAULTS[name]) as T;
    },
    optional: (name, right, expected) => {
      const seen = get(name).trim();
      if (seen === '') return undefined;
      if (right.test(seen)) return seen;
      problems.push({ where: name, seen, expected });
      return undefined;
    },
    pairs: (name, isRight, expected) => {
      const right = [];
      for (const line of get(name).split(/\r?\n/)) {
        const pair = parsePair(line);
        if (isRight(pair)) right.push(pair);
        else if (line.trim() !== '') problems.push({ where: name, seen: line, expected });
      }
      return Object.fromEntries(right);
    },
  };
  return reader;
}
