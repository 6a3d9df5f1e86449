import { createMatcher, type Matcher } from './matcher.js';
import { secretPatterns } from './patterns.js';

/** What stands for a secret, as in the runner's own log. */
const MASK = Buffer.from('***');

const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;
const HASH = 0x23;

/** Takes secrets out of what is written. */
export interface Redactor {
  text(text: string): string;
  /** The same value, with each text in it redacted; keys of objects stay. */
  value<T>(value: T): T;
  /** For one output stream. */
  stream(): RedactingStream;
}

/** Redacts a stream in pieces: what may be the beginning of a secret is held back until more comes, or the end. */
export interface RedactingStream {
  push(chunk: Buffer): Buffer;
  end(): Buffer;
}

/** Changes nothing: for a run without secrets. */
export const NO_SECRETS: Redactor = {
  text: (text) => text,
  value: (value) => value,
  stream: () => ({ push: (chunk) => chunk, end: () => Buffer.alloc(0) }),
};

/**
 * Redacts these values in each form in which they may be printed, also when they are broken over lines, and over the lines
 * of BuildKit, which begin with the number of a step and a time.
 */
export function createRedactor(values: readonly Buffer[]): Redactor {
  const { patterns } = secretPatterns(values);
  if (patterns.length === 0) return NO_SECRETS;
  const matcher = createMatcher(patterns);
  const longest = Math.max(...patterns.map(({ length }) => length));
  const stream = () => createStream(matcher, longest);
  const text = (given: string) => {
    const one = stream();
    const bytes = Buffer.from(given, 'utf8');
    const redacted = Buffer.concat([one.push(bytes), one.end()]);
    return redacted.equals(bytes) ? given : redacted.toString('utf8');
  };
  return { text, stream, value: <T>(value: T) => redactValue(value, text) as T };
}

function redactValue(value: unknown, text: (given: string) => string): unknown {
  if (typeof value === 'string') return text(value);
  if (Array.isArray(value)) return value.map((item) => redactValue(item, text));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redactValue(item, text)]));
}

function createStream(matcher: Matcher, longest: number): RedactingStream {
  let state = matcher.start;
  /** What has been read and not yet given back; it begins at this offset of the stream. */
  let held: Buffer = Buffer.alloc(0);
  let heldAt = 0;
  /** Offsets of the last bytes that count, as a ring: line ends and BuildKit's prefixes do not. */
  const counted = new Float64Array(longest);
  let count = 0;
  /** Parts of what is held that are secret, in order and apart from each other, as offsets of the stream. */
  let secret: { from: number; to: number }[] = [];
  /** Where a prefix of BuildKit may have begun. */
  let prefixAt: number | undefined;
  let afterLineEnd = false;

  return {
    push(chunk) {
      const from = heldAt + held.length;
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      const end = heldAt + held.length;
      for (let offset = nextBeginning(from); offset < end; offset = nextBeginning(offset + 1)) read(offset);
      return giveBack(safeUntil());
    },
    end() {
      const end = heldAt + held.length;
      takePrefix(end);
      return giveBack(end);
    },
  };

  /** The next offset whose byte matters: outside of a match only those with which some form of a secret begins. */
  function nextBeginning(offset: number): number {
    if (state !== matcher.start) return offset;
    let index = offset - heldAt;
    while (index < held.length && matcher.begins[held[index] as number] === 0) index += 1;
    return heldAt + index;
  }

  function read(offset: number): void {
    const byte = held[offset - heldAt] as number;
    if (byte === CR || byte === LF) {
      takePrefix(offset);
      afterLineEnd = true;
      return;
    }
    if (prefixAt !== undefined) {
      const shape = prefixShape(held.subarray(prefixAt - heldAt, offset - heldAt + 1));
      if (shape === 'whole') prefixAt = undefined;
      if (shape !== 'other') return;
      takePrefix(offset);
    } else if (afterLineEnd && byte === HASH && state !== matcher.start) {
      afterLineEnd = false;
      prefixAt = offset;
      return;
    }
    afterLineEnd = false;
    take(offset);
  }

  /** What began like a prefix and did not go on like one counts after all. */
  function takePrefix(end: number): void {
    if (prefixAt === undefined) return;
    const from = prefixAt;
    prefixAt = undefined;
    for (let offset = from; offset < end; offset += 1) take(offset);
  }

  function take(offset: number): void {
    state = matcher.next(state, held[offset - heldAt] as number);
    if (state === matcher.start) return;
    counted[count % longest] = offset;
    count += 1;
    const length = matcher.matched(state);
    if (length > 0) markSecret(counted[(count - length) % longest] as number, offset + 1);
  }

  function markSecret(from: number, to: number): void {
    let start = from;
    for (let last = secret.at(-1); last !== undefined && last.to >= start; last = secret.at(-1)) {
      start = Math.min(start, last.from);
      secret.pop();
    }
    secret.push({ from: start, to });
  }

  /** What lies before this offset can be no part of a match any more. */
  function safeUntil(): number {
    const depth = matcher.depth(state);
    if (depth === 0) return heldAt + held.length;
    const oldest = counted[(count - depth) % longest] as number;
    // A secret that a longer one may still grow from is told once, when it has ended.
    const grown = secret.find(({ to }) => to > oldest);
    return Math.min(oldest, grown?.from ?? oldest);
  }

  function giveBack(until: number): Buffer {
    const parts: Buffer[] = [];
    let at = heldAt;
    for (const { from, to } of secret.filter((part) => part.from < until)) {
      parts.push(held.subarray(at - heldAt, from - heldAt), MASK);
      at = to;
    }
    secret = secret.filter((part) => part.from >= until);
    const end = Math.max(at, until);
    parts.push(held.subarray(at - heldAt, end - heldAt));
    held = held.subarray(end - heldAt);
    heldAt = end;
    return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
  }
}

/** `#8 0.123 `, as BuildKit's plain progress begins each line of a step's output. */
function prefixShape(bytes: Buffer): 'beginning' | 'whole' | 'other' {
  const text = bytes.toString('latin1');
  if (!/^#\d{0,6}(?: (?:\d{1,9}(?:\.\d{0,6})?)?)?(?: )?$/.test(text)) return 'other';
  return bytes.at(-1) === SPACE && /^#\d+ \d+\.\d+ $/.test(text) ? 'whole' : 'beginning';
}
