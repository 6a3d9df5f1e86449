import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sureIgnoreFile } from '../../src/host/ignore-file.js';
import type { Dialect } from '../../src/journal/events.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ignore-'));
  mkdirSync(join(folder, 'context'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the ignore file that an engine is sure to go by', () => {
  const [DOCKER, OCI] = ['context/.dockerignore', 'context/.containerignore'];
  const [OWN_DOCKER, OWN_OCI] = ['Containerfile.dockerignore', 'Containerfile.containerignore'];

  it.each<[Dialect, string[], string | undefined]>([
    ['podman', [], undefined],
    ['podman', [DOCKER], DOCKER],
    ['podman-remote', [DOCKER, OCI], OCI],
    ['buildah', [OCI], OCI],
    ['podman', [DOCKER, OWN_DOCKER], undefined],
    ['podman-remote', [DOCKER, OWN_OCI], undefined],
    ['docker-legacy', [DOCKER, OCI, OWN_DOCKER], DOCKER],
    ['docker-legacy', [OCI, OWN_DOCKER], undefined],
    ['buildkit', [DOCKER, OCI, OWN_DOCKER], OWN_DOCKER],
    ['buildkit', [DOCKER, OCI, OWN_OCI], DOCKER],
    ['buildkit', [OCI], undefined],
  ])('of %s, of %j, is %s', (dialect, files, expected) => {
    for (const file of files) writeFileSync(join(folder, file), '*\n');
    const found = sureIgnoreFile(dialect, join(folder, 'context'), join(folder, 'Containerfile'));
    expect(found).toBe(expected === undefined ? undefined : join(folder, expected));
  });
});
