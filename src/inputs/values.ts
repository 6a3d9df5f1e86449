/** A `KEY=VALUE`; the value is `null` where only a key was written. */
export type Pair = readonly [key: string, value: string | null];

/** What `parseBoolean` takes, for messages. */
export const BOOLEAN_EXPECTED = 'true or false';

/** Booleans as YAML 1.2's core schema and core.getBooleanInput take them, so that a typo is never read as false. */
export function parseBoolean(text: string): boolean | undefined {
  if (/^(?:true|True|TRUE)$/.test(text)) return true;
  if (/^(?:false|False|FALSE)$/.test(text)) return false;
  return undefined;
}

/** A whole number of at least `min`, written in plain digits. */
export function parseWhole(text: string, min: number): number | undefined {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) && value >= min ? value : undefined;
}

/** A decimal number of at least 1. */
export function parseFactor(text: string): number | undefined {
  const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) && value >= 1 ? value : undefined;
}

/** The non-blank lines of a text, trimmed. */
export function splitLines(text: string): string[] {
  return split(text, /\r?\n/);
}

/** The non-blank parts of a text between commas and newlines, trimmed. */
export function splitNames(text: string): string[] {
  return split(text, /[,\n]/);
}

/** Splits at the first `=`; the key is trimmed, the value is kept as it is. */
export function parsePair(text: string): Pair {
  const at = text.indexOf('=');
  return at === -1 ? [text.trim(), null] : [text.slice(0, at).trim(), text.slice(at + 1)];
}

/** Whether the pair has a key, and no NUL, which no argument can hold. */
export function isPair(pair: Pair): pair is Pair {
  const [key, value] = pair;
  return key !== '' && !key.includes('\0') && value?.includes('\0') !== true;
}

/** Whether the pair is right and has a value too. */
export function isFullPair(pair: Pair): pair is readonly [string, string] {
  return isPair(pair) && pair[1] !== null;
}

function split(text: string, separator: RegExp): string[] {
  return text
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
