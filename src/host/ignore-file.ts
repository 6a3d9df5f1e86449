import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import dockerignore, { type Ignore } from '@balena/dockerignore';
import type { Dialect } from '../journal/events.js';

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
  return rulesOf(ignoreFileOf(context, file));
}

/** The rules of this ignore file; without one nothing is ignored. Throws what reading it throws. */
export function rulesOf(path: string | undefined): IgnoreRules {
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

/**
 * The ignore file by which this engine is sure to go, or undefined where none is, so that all of the context counts. Docker
 * knows no `.containerignore`, and its legacy builder no file of the Containerfile's own; podman and buildah came to know
 * the latter in versions that differ between client and server.
 */
export function sureIgnoreFile(dialect: Dialect, context: string, file: string | undefined): string | undefined {
  const there = (paths: string[]) => paths.find((path) => existsSync(path));
  const own = (end: string) => (file === undefined ? [] : [join(dirname(file), `${basename(file)}${end}`)]);
  const ofContext = (name: string) => join(context, name);
  switch (dialect) {
    case 'buildkit':
      return there([...own('.dockerignore'), ofContext('.dockerignore')]);
    case 'docker-legacy':
      return there([ofContext('.dockerignore')]);
    case 'podman':
    case 'podman-remote':
    case 'buildah':
      if (there([...own('.containerignore'), ...own('.dockerignore')]) !== undefined) return undefined;
      return there([ofContext('.containerignore'), ofContext('.dockerignore')]);
  }
}
