import type { Problem } from './inputs.js';

const MAX_SHOWN = 200;
const MAX_PROBLEMS_SHOWN = 50;
const MAX_NAME_SHOWN = 60;
const MAX_ITEMS_SHOWN = 5;
// Control characters, line and paragraph separators, bidi controls and lone surrogates: what could forge a line of the
// log, run as a workflow command, or make a line read other than it is.
const INVISIBLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The problem in one line, `max-parallel: seen "zero", expected …`, with control characters made visible and long values cut. */
export function describeProblem(problem: Problem): string {
  const seen = problem.seen === '' ? 'nothing' : `"${cut(problem.seen, MAX_SHOWN)}"`;
  const hint = problem.hint === undefined ? '' : `; ${problem.hint}`;
  return makeVisible(
    `${cut(problem.where, MAX_SHOWN)}: seen ${seen}, expected ${problem.expected}${cut(hint, MAX_SHOWN)}`,
  );
}

/** All that is wrong with the inputs, one problem a line; the caller shows the message without a stack. */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const more = problems.length - MAX_PROBLEMS_SHOWN;
    const shown = problems.slice(0, MAX_PROBLEMS_SHOWN).map(describeProblem);
    super([...shown, ...(more > 0 ? [`… and ${more} more problems`] : [])].join('\n'));
    this.problems = problems;
  }
}

/**
 * Where an image stands, for `Problem.where`: `images[1] "api"`, counted from 0, without the name when it has none, and
 * after the definition file that it is in.
 */
export function whereImage(index: number, name: string, file?: string): string {
  const place = name === '' ? `images[${index}]` : `images[${index}] "${cut(name, MAX_NAME_SHOWN)}"`;
  return file === undefined ? place : `${file}: ${place}`;
}

/**
 * A value out of a document, for `Problem.seen`: text as it is, lists and maps with their first few items.
 * Never follows a structure further, as YAML aliases make small texts huge and even circular.
 */
export function showValue(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return `[${showFew(value, showInner)}]`;
  if (value instanceof Map) {
    return `{${showFew([...value], ([key, item]) => `${showInner(key)}: ${showInner(item)}`)}}`;
  }
  return value === undefined ? '' : String(value);
}

function showInner(value: unknown): string {
  if (Array.isArray(value)) return '[…]';
  return value instanceof Map ? '{…}' : cut(String(value), MAX_NAME_SHOWN);
}

function showFew<T>(items: T[], show: (item: T) => string): string {
  const shown = items.slice(0, MAX_ITEMS_SHOWN).map(show);
  return items.length > shown.length ? `${shown.join(', ')}, … ${items.length - shown.length} more` : shown.join(', ');
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length).replace(/[\ud800-\udbff]$/, '')}…` : text;
}

function makeVisible(text: string): string {
  return text.replace(INVISIBLE, (char) => ESCAPES[char] ?? `\\u{${char.codePointAt(0)?.toString(16)}}`);
}

/** Throws an InputError when anything is wrong. */
export function refuse(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new InputError(problems);
}
