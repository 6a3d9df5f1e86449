import { describe, expect, it } from '@jest/globals';
import { formatCommand } from '../../src/engine/command-line.js';
import { listName, missingPlatforms, readList } from '../../src/engine/manifest-list.js';
import { listBuild } from '../../src/engine/podman.js';
import { isReference } from '../../src/plan/reference.js';
import { imageSpec } from '../support/image-spec-factory.js';

const DIGEST = `sha256:${'ab'.repeat(32)}`;
const entry = (platform: object, digest = DIGEST) => ({ mediaType: 'x', size: 1, digest, platform });

describe('a list of images', () => {
  it('is built under a name that no other run, and all attempts of its image, have', () => {
    const iidfile = (attempt: number) => `/tmp/e2e-build-scratch-0b1c/01-API_x..y.${attempt}.iid`;
    expect(listName(iidfile(1))).toBe('localhost/e2e-build-action/e2e-build-scratch-0b1c-01-api-x-y:list');
    expect(listName(iidfile(2))).toBe(listName(iidfile(1)));
    expect(listName('C:\\tmp\\Run-1\\1-api.1.iid')).toBe('localhost/e2e-build-action/run-1-1-api:list');
    expect(isReference(listName(`/t/s-${'f'.repeat(36)}/1-${'-'.repeat(60)}.1.iid`))).toBe(true);
  });

  it('gets its tags, and loses that name', () => {
    const run = (args: string[]) => ({ file: 'podman', args, env: {} });
    const image = imageSpec({ tags: ['r.example/a:1', 'r.example/a:2'], platforms: ['linux/amd64', 'linux/arm64'] });
    const list = listBuild(image, '/s/1-a.1.iid', run, (name) => run(['image', 'inspect', name]));
    const name = 'localhost/e2e-build-action/s-1-a:list';
    expect([list?.show, list?.tag, list?.forget].map((command) => command && formatCommand(command))).toEqual([
      `podman manifest inspect ${name}`,
      `podman tag ${name} r.example/a:1 r.example/a:2`,
      `podman manifest rm ${name}`,
    ]);
    expect(listBuild(imageSpec(), '/s/1-a.1.iid', run, () => run([]))).toBeUndefined();
  });

  it.each<[string, unknown, unknown]>([
    [
      'as podman shows it',
      { schemaVersion: 2, manifests: [entry({ os: 'linux', architecture: 'amd64' })] },
      { platforms: ['linux/amd64'], first: DIGEST },
    ],
    [
      'as a registry shows it, with attestations',
      {
        digest: DIGEST,
        manifests: [
          entry({ os: 'linux', architecture: 'arm', variant: 'v7' }),
          entry({ os: 'unknown', architecture: 'unknown' }),
        ],
      },
      { platforms: ['linux/arm/v7'], first: DIGEST, digest: DIGEST },
    ],
    ['that is empty', { manifests: [] }, { platforms: [] }],
    [
      'with digests that are none',
      { digest: 1, manifests: [entry({ os: 'linux', architecture: 'amd64' }, 'x')] },
      { platforms: ['linux/amd64'] },
    ],
    ['that is an image', { config: {}, layers: [] }, undefined],
    ['that is null', null, undefined],
  ])('is read %s', (_name, json, list) => {
    expect(readList(JSON.stringify(json))).toEqual(list);
  });

  it.each<[string[], string[], string[]]>([
    [['linux/amd64', 'linux/arm64'], ['linux/arm64', 'linux/amd64'], []],
    [['linux/amd64', 'linux/arm64'], ['linux/amd64'], ['linux/arm64']],
    [['linux/arm64/v8', 'linux/x86_64'], ['linux/arm64', 'linux/amd64'], []],
    [['linux/arm/v6', 'linux/arm/v7'], ['linux/arm/v7'], ['linux/arm/v6']],
    [['windows/amd64', 'linux/amd64'], ['linux/amd64'], ['windows/amd64']],
    [['local', 'linux/amd64'], ['linux/amd64'], []],
  ])('of %j that has %j lacks %j', (asked, had, missing) => {
    expect(missingPlatforms(asked, had)).toEqual(missing);
  });
});
