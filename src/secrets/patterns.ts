/** A shorter text is found all over an output where it is no secret. */
export const SHORTEST_SECRET_BYTES = 4;

/** A line of a secret of many lines that is shorter says nothing by itself, such as `{` or `-----`. */
const SHORTEST_LINE_BYTES = 8;

/** Of encodings, what is shorter than this is likely to be something else. */
const SHORTEST_ENCODED_BYTES = 8;

/** So many bytes are looked for in all, as each costs some memory; whole values go first, then their encodings. */
const MOST_BYTES = 2 * 1024 * 1024;

/** What to look for, without line ends, which are passed over wherever they stand. */
export interface SecretPatterns {
  patterns: Buffer[];
  /** How many values are too short to be told from other text, or too long to be looked for in each of their forms. */
  tooShort: number;
  tooLong: number;
}

/**
 * The forms in which these values may be printed: as they are, each line of theirs, in base64 (also as a part of something
 * longer that was encoded), in a URL, and in JSON.
 */
export function secretPatterns(values: readonly Buffer[]): SecretPatterns {
  const found: SecretPatterns = { patterns: [], tooShort: 0, tooLong: 0 };
  const known = new Set<string>();
  let room = MOST_BYTES;
  const add = (pattern: Buffer): boolean => {
    const key = pattern.toString('latin1');
    if (known.has(key)) return true;
    if (pattern.length > room) return false;
    known.add(key);
    room -= pattern.length;
    found.patterns.push(pattern);
    return true;
  };
  const secrets = values.filter((value) => trimmed(value).length > 0);
  for (const value of secrets) {
    const pattern = withoutLineEnds(trimmed(value));
    if (pattern.length < SHORTEST_SECRET_BYTES) found.tooShort += 1;
    else if (!add(pattern)) found.tooLong += 1;
  }
  for (const value of secrets) {
    const forms = [...linesOf(value), ...encoded(trimmed(value))];
    if (withoutLineEnds(trimmed(value)).length >= SHORTEST_SECRET_BYTES && !forms.every(add)) found.tooLong += 1;
  }
  return found;
}

function linesOf(value: Buffer): Buffer[] {
  const lines = value.toString('latin1').split(/[\r\n]+/);
  if (lines.length === 1) return [];
  return lines.map((line) => Buffer.from(line.trim(), 'latin1')).filter((line) => line.length >= SHORTEST_LINE_BYTES);
}

function encoded(value: Buffer): Buffer[] {
  const text = value.toString('utf8');
  const isText = Buffer.from(text, 'utf8').equals(value);
  const forms = isText ? [encodeURIComponent(text), JSON.stringify(text).slice(1, -1)] : [];
  const base64 = [0, 1, 2].map((shift) => base64Within(value, shift));
  const all = [...forms, ...base64, ...base64.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'))];
  return all.filter((form) => form.length >= SHORTEST_ENCODED_BYTES).map((form) => Buffer.from(form, 'utf8'));
}

/**
 * The characters of the encoding that depend on the value alone, when so many bytes (modulo 3) stand before it: each
 * character has 6 bits, so those at both ends may share theirs with a neighbour.
 */
function base64Within(value: Buffer, shift: number): string {
  const text = Buffer.concat([Buffer.alloc(shift), value])
    .toString('base64')
    .replace(/=+$/, '');
  const first = Math.ceil((shift * 8) / 6);
  const last = Math.floor(((shift + value.length) * 8) / 6);
  return text.slice(first, last);
}

/** Files end with a newline that nobody prints. */
function trimmed(value: Buffer): Buffer {
  return Buffer.from(value.toString('latin1').trim(), 'latin1');
}

function withoutLineEnds(value: Buffer): Buffer {
  return Buffer.from(value.toString('latin1').replace(/[\r\n]/g, ''), 'latin1');
}
