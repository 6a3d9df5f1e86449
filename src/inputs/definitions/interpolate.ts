/** Looks a variable up; undefined when it is not set. Throws an InterpolationError when it is set to what we cannot read. */
export type Lookup = (name: string) => string | undefined;

/** What cannot be resolved; the message holds names of variables and the file's own words for `${NAME:?words}`, never a value. */
export class InterpolationError extends Error {}

// Nobody nests deeper: `${A:-${B:-c}}`.
const MAX_DEPTH = 20;
// As much as a whole definition file may hold: a long variable, used often, must not fill memory.
const MAX_LENGTH = 2 * 1024 * 1024;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const OPERATOR = /:?[-?+]/y;

/**
 * Fills variables in as compose does (https://docs.docker.com/reference/compose-file/interpolation/): `$A`, `${A}`,
 * `${A:-default}`, `${A-default}`, `${A:?error}`, `${A?error}`, `${A:+other}`, `${A+other}`, each with variables within, and
 * `$$` for a dollar sign. A variable that is not set is empty, and `unset` is told its name. Throws an InterpolationError.
 */
export function interpolate(text: string, lookup: Lookup, unset: (name: string) => void): string {
  const reader = { at: 0 };
  return fill(false, 0);

  /** To the end of the text, or to the brace that ends a default. */
  function fill(isInner: boolean, depth: number): string {
    if (depth > MAX_DEPTH) throw new InterpolationError(`variables are nested in more than ${MAX_DEPTH} others`);
    const parts: string[] = [];
    let length = 0;
    const add = (part: string) => {
      length += part.length;
      if (length > MAX_LENGTH)
        throw new InterpolationError(`with its variables it has more than ${MAX_LENGTH} characters`);
      parts.push(part);
    };
    while (reader.at < text.length) {
      const end = isInner ? /[$}]/g : /\$/g;
      end.lastIndex = reader.at;
      const next = end.exec(text)?.index;
      if (next === undefined) break;
      add(text.slice(reader.at, next));
      reader.at = next;
      if (text[reader.at] === '}') return parts.join('');
      add(variable(depth));
    }
    if (isInner) throw new InterpolationError('the "{" of a variable has no "}"');
    add(text.slice(reader.at));
    return parts.join('');
  }

  function variable(depth: number): string {
    reader.at += 1;
    if (take(/\$/y) !== undefined) return '$';
    const isBraced = take(/\{/y) !== undefined;
    const name = take(NAME);
    if (name === undefined) throw new InterpolationError('a "$" begins no variable: write "$$" for a dollar sign');
    if (!isBraced) return valueFor(name);
    const operator = take(OPERATOR);
    const word = operator === undefined ? '' : fill(true, depth + 1);
    if (take(/\}/y) === undefined)
      throw new InterpolationError(`"\${${name}" is followed by neither "}" nor one of - ? + :- :? :+`);
    return operator === undefined ? valueFor(name) : choose(name, operator, word);
  }

  function choose(name: string, operator: string, word: string): string {
    const value = lookup(name);
    const isThere = value !== undefined && (value !== '' || !operator.startsWith(':'));
    switch (operator.at(-1)) {
      case '-':
        return isThere ? value : word;
      case '+':
        return isThere ? word : '';
      default:
        if (isThere) return value;
        throw new InterpolationError(`the variable ${name} is not set: ${word === '' ? 'it is required' : word}`);
    }
  }

  function valueFor(name: string): string {
    const value = lookup(name);
    if (value === undefined) unset(name);
    return value ?? '';
  }

  function take(pattern: RegExp): string | undefined {
    pattern.lastIndex = reader.at;
    const found = pattern.exec(text)?.[0];
    reader.at += found?.length ?? 0;
    return found;
  }
}
