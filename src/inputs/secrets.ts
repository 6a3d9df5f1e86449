import { parse } from 'csv-parse/sync';
import type { InputReader } from './input-reader.js';
import type { ImageSecret, Problem, SecretSource } from './inputs.js';
import { splitLines, splitNames } from './values.js';

/** As all engines take them: no comma, no space, nothing that could be read as a flag. */
const ID = /^[A-Za-z0-9_][\w.-]*$/;
const VARIABLE = /^[A-Za-z_]\w*$/;

/** What `parseImageSecret` takes, for messages. */
export const IMAGE_SECRET_EXPECTED =
  'the id of one of the run\'s secrets, or "id=ID,env=VARIABLE", or "id=ID,src=PATH"';

/**
 * Reads `secrets`, `secret-envs` and `secret-files`, each a list of `id=…`. No problem shows what stands behind the `=`.
 */
export function readSecrets(reader: Pick<InputReader, 'raw'>): {
  secrets: Record<string, SecretSource>;
  problems: Problem[];
} {
  const secrets = new Map<string, SecretSource>();
  const problems: Problem[] = [];
  const add = (where: string, entry: string, expected: string, read: (text: string) => SecretSource | undefined) => {
    const equals = entry.indexOf('=');
    const id = entry.slice(0, Math.max(0, equals)).trim();
    const source = ID.test(id) ? read(entry.slice(equals + 1)) : undefined;
    if (source === undefined) problems.push({ where, seen: hidden(entry, id), expected });
    else if (secrets.has(id))
      problems.push({ where, seen: id, expected: 'each id once in all three inputs of secrets' });
    else secrets.set(id, source);
  };

  const values = readEntries(reader.raw('secrets'));
  if (values === undefined) {
    const expected = 'one id=value a line; a value of several lines in double quotes with its id: "id=line 1…"';
    problems.push({
      where: 'secrets',
      seen: 'a double quote that is not closed, or not at the end of its entry',
      expected,
    });
  }
  for (const entry of values ?? []) {
    add('secrets', entry, 'id=value with a value that is not empty', (value) =>
      value.trim() === '' || value.includes('\0') ? undefined : { kind: 'value', value },
    );
  }
  for (const entry of splitNames(reader.raw('secret-envs'))) {
    add('secret-envs', entry, 'id=VARIABLE, the name of an environment variable', toVariable);
  }
  for (const entry of splitLines(reader.raw('secret-files'))) {
    add('secret-files', entry, 'id=path of a file', toFile);
  }
  return { secrets: Object.fromEntries(secrets), problems };
}

/** One secret of an image: its id alone, or with its own source, as docker's and podman's `--secret` write it. */
export function parseImageSecret(text: string): ImageSecret | undefined {
  if (ID.test(text)) return { id: text };
  const parts = text.split(',').map((part) =>
    part
      .split(/=(.*)/s)
      .slice(0, 2)
      .map((word) => word.trim()),
  );
  const fields = new Map(parts.map(([key = '', value = '']) => [key === 'source' ? 'src' : key, value]));
  const { id = '', env, src, type, ...others } = Object.fromEntries(fields);
  if (fields.size !== parts.length || Object.keys(others).length > 0 || !ID.test(id)) return undefined;
  if (env !== undefined && src === undefined && (type ?? 'env') === 'env') return withSource(id, toVariable(env));
  if (src !== undefined && env === undefined && (type ?? 'file') === 'file') return withSource(id, toFile(src));
  return undefined;
}

function withSource(id: string, source: SecretSource | undefined): ImageSecret | undefined {
  return source === undefined ? undefined : { id, source };
}

function toVariable(text: string): SecretSource | undefined {
  return VARIABLE.test(text.trim()) ? { kind: 'env', name: text.trim() } : undefined;
}

function toFile(text: string): SecretSource | undefined {
  return text.trim() === '' || text.includes('\0') ? undefined : { kind: 'file', path: text.trim() };
}

/**
 * The entries of a list in which an entry of several lines is quoted as in CSV, as docker/build-push-action takes them;
 * commas do not separate. Undefined when a quote has no end.
 */
function readEntries(text: string): string[] | undefined {
  try {
    const rows: string[][] = parse(text, {
      // Nothing that a value can hold separates columns.
      delimiter: '\0',
      record_delimiter: ['\n', '\r\n'],
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
    });
    return rows.map((row) => row.join('')).filter((entry) => entry.trim() !== '');
  } catch {
    return undefined;
  }
}

/** An entry of an image's `secrets` as an error may show it: somebody may have written a value into it. */
export function showImageSecret(entry: unknown): string {
  if (typeof entry !== 'string') return 'something that is no list of texts';
  return entry.includes('=') ? entry.replace(/=[^,]*/g, '=…') : hidden(entry, '');
}

/** Nobody may read a secret in an error: of an entry its id at most is told. */
function hidden(entry: string, id: string): string {
  return ID.test(id) ? `${id}=…` : `an entry of ${entry.length} characters`;
}
