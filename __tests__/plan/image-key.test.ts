import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { contentsKey, type KeyFacts, withBases } from '../../src/plan/image-key.js';
import type { ImageSpec } from '../../src/plan/image-spec.js';
import { imageSpec } from '../support/image-spec-factory.js';

const FACTS: KeyFacts = {
  engine: { name: 'podman', dialect: 'podman', version: '4.3.1' },
  os: 'linux',
  arch: 'x64',
  environment: { FROM_OUTSIDE: 'a' },
  containerfile: 'FROM scratch\n',
  context: 'c0ffee',
  folders: { other: 'f01de2' },
  needs: { base: 'sha256:aa' },
};
const IMAGE = imageSpec({
  buildArgs: { FROM_OUTSIDE: null, A: '1', B: '2' },
  buildContexts: { other: '/ws/other' },
  labels: { team: 'one' },
  secrets: { token: '/scratch/secret-1' },
  extraArgs: ['--network=none'],
});
const key = (image: Partial<ImageSpec> = {}, facts: Partial<KeyFacts> = {}) =>
  contentsKey({ ...IMAGE, ...image }, { ...FACTS, ...facts });

describe("an image's key", () => {
  it.each<[string, Partial<ImageSpec>, Partial<KeyFacts>]>([
    ['the engine', {}, { engine: { ...FACTS.engine, name: 'buildah' } }],
    ['who of the engine builds', {}, { engine: { ...FACTS.engine, dialect: 'podman-remote' } }],
    ["the engine's minor version", {}, { engine: { ...FACTS.engine, version: '4.4.1' } }],
    ["the engine's address", {}, { engine: { ...FACTS.engine, address: 'unix:///other' } }],
    ['the kind of machine', {}, { arch: 'arm64' }],
    ['the operating system', {}, { os: 'darwin' }],
    ['the platform', { platforms: ['linux/arm64'] }, {}],
    ['the target', { target: 'test' }, {}],
    ["the Containerfile's text", {}, { containerfile: 'FROM scratch\n\n' }],
    ['the context', {}, { context: 'c0ffef' }],
    ['a build argument', { buildArgs: { ...IMAGE.buildArgs, A: '2' } }, {}],
    ['which build argument has a value', { buildArgs: { ...IMAGE.buildArgs, A: '2', B: '1' } }, {}],
    ['a build argument of the environment', {}, { environment: { FROM_OUTSIDE: 'b' } }],
    ['a build argument that the environment has no more', {}, { environment: {} }],
    ['a variable that engines go by', {}, { environment: { ...FACTS.environment, SOURCE_DATE_EPOCH: '0' } }],
    ['a label', { labels: { team: 'two' } }, {}],
    ['the folder of a build context', {}, { folders: { other: 'f01de3' } }],
    ['a build context that is an image', { buildContexts: { other: 'docker-image://x:1' } }, { folders: {} }],
    ['an image that it needs', {}, { needs: { base: 'sha256:bb' } }],
    ["a secret's id", { secrets: { other: '/scratch/secret-1' } }, {}],
    ['an extra argument', { extraArgs: ['--network=host'] }, {}],
  ])('changes with %s', (_, image, facts) => {
    expect(key(image, facts)).not.toBe(key());
  });

  it.each<[string, Partial<ImageSpec>, Partial<KeyFacts>]>([
    ['its tags', { tags: ['other:e2e'] }, {}],
    ['its name', { name: 'other' }, {}],
    ['its limit of time', { timeoutMs: 1 }, {}],
    ['where its folders are', { context: '/elsewhere/api', buildContexts: { other: '/elsewhere/other' } }, {}],
    ['where its Containerfile is', { file: '/elsewhere/Containerfile' }, {}],
    ["where a secret's value is", { secrets: { token: '/scratch/secret-9' } }, {}],
    ['a variable that nobody goes by', {}, { environment: { ...FACTS.environment, PATH: '/bin' } }],
    ["the engine's patch version", {}, { engine: { ...FACTS.engine, version: '4.3.9' } }],
    ['the order of build arguments', { buildArgs: { B: '2', A: '1', FROM_OUTSIDE: null } }, {}],
  ])('does not change with %s', (_, image, facts) => {
    expect(key(image, facts)).toBe(key());
  });

  it('changes with the images that it is built on, and not with their order', () => {
    const bases = { 'alpine:3': 'sha256:aa', 'golang:1': 'sha256:bb' };
    expect(withBases(key(), { ...bases, 'alpine:3': 'sha256:cc' })).not.toBe(withBases(key(), bases));
    expect(withBases(key(), { 'alpine:3': 'sha256:aa' })).not.toBe(withBases(key(), bases));
    expect(withBases(key(), { 'golang:1': 'sha256:bb', 'alpine:3': 'sha256:aa' })).toBe(withBases(key(), bases));
  });

  it('is the same for two images exactly when all that decides them is', () => {
    type Made = Pick<ImageSpec, 'labels' | 'extraArgs'> &
      Pick<KeyFacts, 'containerfile' | 'context'> & {
        buildArgs: Record<string, string>;
        needs: Record<string, string>;
      };
    const word = fc.constantFrom('', 'a', 'b', 'a=b', 'a","b', '\u0000');
    const words = fc.dictionary(word, word, { maxKeys: 2 });
    const of = fc.record({
      buildArgs: words,
      labels: words,
      extraArgs: fc.array(word, { maxLength: 2 }),
      containerfile: word,
      context: word,
      needs: words,
    });
    const sorted = (value: Record<string, string>) => Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    const plain = ({ buildArgs, labels, needs, extraArgs, containerfile, context }: Made) =>
      JSON.stringify([...[buildArgs, labels, needs].map(sorted), extraArgs, containerfile, context]);
    fc.assert(
      fc.property(of, of, (one, other) => {
        const keys = [one, other].map(({ containerfile, context, needs, ...image }) =>
          key(image, { containerfile, context, needs }),
        );
        expect(keys[0] === keys[1]).toBe(plain(one) === plain(other));
      }),
      { numRuns: 500 },
    );
  });
});
