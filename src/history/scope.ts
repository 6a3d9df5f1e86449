import { createHash } from 'node:crypto';

/** Whose history it is: what one of these taught says little of another. */
export interface Scope {
  /** `owner/name`; where there is none, the folder of the checkout. */
  repository: string;
  workflow: string;
  /** The engine as it was asked for: which one it is turns out only later. */
  engine: string;
  os: string;
  arch: string;
  /** CPUs of this machine: a larger runner has other times, and bears another lane. */
  cpus: number;
  /** Such as `github-hosted`. */
  environment: string;
}

const LONGEST_WORDS = 80;

/** A name for the scope, fit for a file and for a cache key, which may hold no comma: a few words, and a hash of it all. */
export function scopeName(scope: Scope): string {
  const { repository, workflow, engine, os, arch, cpus, environment } = scope;
  const all = [repository, workflow, engine, os, arch, cpus, environment];
  const hash = createHash('sha256').update(JSON.stringify(all)).digest('hex').slice(0, 16);
  const words = [workflow, engine, os, arch, `${cpus}cpu`].filter((word) => word !== '').join('-');
  const readable = words.replace(/[^A-Za-z0-9]+/g, '-').slice(0, LONGEST_WORDS);
  return `${readable.replace(/^-|-$/g, '')}-${hash}`;
}

/** What every key of the scope's entries in a cache service begins with; 1 is the version of what they hold. */
export function cacheKeyPrefix(scope: Scope): string {
  return `e2e-build-history-1-${scopeName(scope)}-`;
}
