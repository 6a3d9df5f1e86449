import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import dockerignore, { type Ignore } from '@balena/dockerignore';

/** What of a context an engine does not see. */
export interface IgnoreRules {
  ignores(path: string): boolean;
  /** Whether something below an ignored folder may be seen all the same. */
  hasExceptions: boolean;
}

/**
 * The rules of a context's ignore file: the Containerfile's own one, else the context's, in the order in which podman and
 * BuildKit look (https://docs.docker.com/build/concepts/context/#dockerignore-files, podman-build(1) `--ignorefile`).
 * Throws what reading the file throws.
 */
export function readIgnoreRules(context: string, file: string | undefined): IgnoreRules {
  const path = ignoreFileOf(context, file);
  if (path === undefined) return { ignores: () => false, hasExceptions: false };
  const lines = readFileSync(path, 'utf8')
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => !line.startsWith('#'));
  const rules: Ignore = dockerignore.default().add(lines);
  return {
    ignores: (name) => rules.ignores(name),
    hasExceptions: lines.some((line) => line.trim().startsWith('!')),
  };
}

/** The ignore file that counts; undefined when there is none. */
export function ignoreFileOf(context: string, file: string | undefined): string | undefined {
  const own = file === undefined ? [] : ['.containerignore', '.dockerignore'].map((end) => `${basename(file)}${end}`);
  return [
    ...own.map((name) => join(dirname(file as string), name)),
    ...['.containerignore', '.dockerignore'].map((name) => join(context, name)),
  ].find((path) => existsSync(path));
}
