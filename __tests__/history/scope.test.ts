import { expect, it } from '@jest/globals';
import { cacheKeyPrefix, type Scope, scopeName } from '../../src/history/scope.js';

const SCOPE: Scope = {
  repository: 'org/shop',
  workflow: 'e2e, nightly (all)',
  engine: 'podman',
  os: 'linux',
  arch: 'x64',
  cpus: 4,
  environment: 'github-hosted',
};

it('a cache key begins with what a person can read, and holds no comma', () => {
  expect(cacheKeyPrefix(SCOPE)).toMatch(/^e2e-build-history-1-e2e-nightly-all-podman-linux-x64-4cpu-[0-9a-f]{16}-$/);
});

it.each(Object.keys(SCOPE) as (keyof Scope)[])('another %s is another history', (key) => {
  expect(scopeName({ ...SCOPE, [key]: 'another' })).not.toBe(scopeName(SCOPE));
});

it('no name of a workflow makes a path, or a key that is too long', () => {
  for (const workflow of ['../../etc', '', '日本語', 'x'.repeat(5_000), '-']) {
    expect(scopeName({ ...SCOPE, workflow })).toMatch(/^[A-Za-z0-9][A-Za-z0-9-]{0,120}$/);
  }
});
