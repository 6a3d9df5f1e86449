import { isAbsolute, join, normalize, relative, resolve } from 'node:path';
import { isWithin } from '../disk.js';
import type { Definition } from '../document.js';
import { isMap } from '../document.js';
import { readDefinition } from '../image.js';
import type { ImageInput, Problem } from '../inputs.js';
import { showValue } from '../problems.js';

/** What another format's definition of an image becomes: settings under the keys of our own, and what has none. */
export interface Draft {
  settings: Map<string, unknown>;
  /** Arguments that podman, docker and buildah share. */
  extraArgs: string[];
  containerfile?: string;
}

/**
 * Reads one key of another format into the draft; what the value should have been when it is wrong, or when no engine's
 * client could be told.
 */
export type KeyReader = (value: unknown, draft: Draft) => string | undefined;

/** What a key that only BuildKit has is answered with. */
export const BUILDX_ONLY = 'no such key, as it exists for docker buildx alone';

// Where people put secrets, though they should not.
const SECRETIVE = ['args', 'build-args', 'labels', 'secret', 'secrets', 'dockerfile-inline', 'dockerfile_inline'];
const REMOTE = /^(?:[a-z][a-z0-9+.-]+:\/\/|git@)/i;
// What contexts may be that are no paths: `target:NAME`, `docker-image://…`; two letters at least, as `C:\` is a path.
const NO_PATH = /^(?:[a-z][a-z0-9+.-]+:|git@)/i;

/** Reads a definition by a table of its format's keys. What is wrong is added to `problems`, without what may be secret. */
export function readDraft(
  definition: Definition,
  keys: Readonly<Record<string, KeyReader>>,
  { name, where, problems }: { name: string; where: string; problems: Problem[] },
): ImageInput {
  const draft: Draft = { settings: new Map([['name', name]]), extraArgs: [] };
  for (const [key, value] of definition) {
    const read = Object.hasOwn(keys, key) ? keys[key] : undefined;
    if (read === undefined) {
      const expected = `one of ${Object.keys(keys).join(', ')}`;
      problems.push({ where: `${where}: ${key}`, seen: key, expected });
      continue;
    }
    const expected = read(value, draft);
    if (expected !== undefined) problems.push({ where: `${where}: ${key}`, seen: shownValue(key, value), expected });
  }
  if (draft.extraArgs.length > 0) draft.settings.set('extra-args', draft.extraArgs);
  const image = readDefinition(draft.settings, { where, problems, show: shownValue });
  const inline = draft.containerfile === undefined ? {} : { containerfile: draft.containerfile };
  return { ...image, ...inline, prefersDockerfile: true, where };
}

function shownValue(key: string, value: unknown): string {
  const isSecretive = SECRETIVE.some((secretive) => key === secretive || new RegExp(`^${secretive}[.[]`).test(key));
  return isSecretive ? 'a value that is not shown, as it may be secret' : showValue(value);
}

/** The key of ours that means the same; its value is checked as ours are. */
export function same(ours: string): KeyReader {
  return (value, draft) => {
    draft.settings.set(ours, value);
    return undefined;
  };
}

/** A key that says nothing about how an image is built. */
export const passedOver: KeyReader = () => undefined;

/** A key that cannot be honoured, unless it asks for nothing. */
export function never(expected: string): KeyReader {
  return (value) => (isNothing(value) ? undefined : expected);
}

function isNothing(value: unknown): boolean {
  if (value === null || value === '' || value === 'false') return true;
  return (Array.isArray(value) && value.length === 0) || (isMap(value) && value.size === 0);
}

/** A path or an URL of another format as ours are: relative to the workspace where it lies within it. */
export function pathFrom(folder: string, workspace: string): (path: string) => string {
  return (path) => {
    if (REMOTE.test(path)) return path;
    const absolute = resolve(workspace, folder, path);
    return isWithin(absolute, workspace) ? relative(workspace, absolute) || '.' : absolute;
  };
}

/** The value of a context of ours: a path, or something that the engine understands by itself. */
export function contextFrom(path: (path: string) => string): (value: string) => string {
  return (value) => (NO_PATH.test(value) ? value : path(value));
}

/** Sets the Containerfile, which is named relative to its context; the one that is looked for anyway is left out. */
export function setFile(draft: Draft, context: string, file: string): void {
  draft.settings.set('context', context);
  if (normalize(file) === 'Dockerfile') return;
  draft.settings.set('file', REMOTE.test(context) || isAbsolute(file) ? file : join(context, file));
}

/** The texts of a list, or undefined when it is something else. */
export function texts(value: unknown): string[] | undefined {
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
}

/** The pairs of a map, or of a list of `KEY=VALUE` (or with another separator); undefined when it is something else. */
export function entries(value: unknown, separator = /=/): [string, unknown][] | undefined {
  if (isMap(value)) return [...value];
  return texts(value)?.map((text) => {
    const at = text.search(separator);
    return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
  });
}
