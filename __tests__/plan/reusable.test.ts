// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are variables of Containerfiles
import { describe, expect, it } from '@jest/globals';
import type { ImageSpec } from '../../src/plan/image-spec.js';
import { sourcesOf, whyNotReusable } from '../../src/plan/reusable.js';
import { imageSpec } from '../support/image-spec-factory.js';

const sources = (lines: string[], image: Partial<ImageSpec> = {}) =>
  sourcesOf(imageSpec(image), `${lines.join('\n')}\n`, { OUTSIDE: 'alpine:3' });

describe('an image must be built anew', () => {
  it.each<[string, Partial<ImageSpec>, RegExp]>([
    ['with no-cache', { noCache: true }, /^no-cache$/],
    ['with pull', { pull: true }, /^pull$/],
    ['for several platforms', { platforms: ['linux/amd64', 'linux/arm64'] }, /several platforms/],
    ['when its build writes a cache', { cacheTo: ['type=registry,ref=x'] }, /cache-to/],
    ['from a URL', { context: 'https://example.com/a.git' }, /context is a URL/],
    ['from a repository by ssh', { context: 'git@example.com:a/b.git' }, /context is a URL/],
    ['with a build context by URL', { buildContexts: { more: 'https://example.com/x' } }, /build context "more"/],
    ['with a build context in another layout', { buildContexts: { more: 'oci-layout://x' } }, /build context "more"/],
    ['when the engine finds its Containerfile', { file: undefined as never }, /Containerfile is not known/],
    ['when a preprocessor makes its Containerfile', { file: '/ws/Containerfile.in' }, /Containerfile is not known/],
    ['with a volume', { extraArgs: ['--network=none', '--volume', '/a:/b'] }, /--volume/],
    ['with a volume in one word', { extraArgs: ['--volume=/a:/b'] }, /what --volume brings in/],
    ['with a short argument', { extraArgs: ['-v', '/a:/b'] }, /what -v brings in/],
    ['with arguments out of a file', { extraArgs: ['--build-arg-file=args'] }, /--build-arg-file/],
  ])('%s', (_, image, why) => {
    expect(whyNotReusable(imageSpec(image))).toMatch(why);
  });

  it.each<[string, string[], RegExp]>([
    ['by ADD of a URL', ['FROM scratch', 'ADD https://example.com/x /x'], /ADD in line 2/],
    ['by ADD of a URL in brackets', ['FROM scratch', '', 'ADD ["https://example.com/x","/x"]'], /ADD in line 3/],
    ['by ADD of a repository', ['FROM scratch', 'ADD git@example.com:a/b.git /x'], /ADD in line 2/],
    ['by ADD of a variable', ['FROM scratch', 'ARG X', 'add ${X} /x'], /ADD in line 3/],
    ['by a syntax of its own', ['# syntax=example.com/own:1', 'FROM scratch'], /syntax of its own/],
    ['by a text that is no Containerfile', ['nothing'], /could not be read/],
    ['by one that nobody writes', ['FROM scratch', `# ${'x'.repeat(200_000)}`], /too long/],
  ])('%s', async (_, lines, why) => {
    expect(await sources(lines)).toEqual({ why: expect.stringMatching(why) });
  });

  it('not with settings that say all by themselves', () => {
    const image = {
      extraArgs: ['--network', 'none', '--memory=1g'],
      buildContexts: { a: '/ws/a', b: 'docker-image://b' },
    };
    expect(whyNotReusable(imageSpec(image))).toBeUndefined();
  });
});

describe('the images that a build takes from outside', () => {
  it.each<[string, string[], Partial<ImageSpec>, string[]]>([
    ['none', ['FROM scratch', 'COPY . /', 'ADD x.tar $HOME'], {}, []],
    ['a base', ['# syntax = docker/dockerfile:1.7', 'FROM alpine:3'], {}, ['alpine:3']],
    ['a base by a build argument', ['ARG BASE=x', 'FROM $BASE'], { buildArgs: { BASE: 'y:1' } }, ['y:1']],
    ['a base by the environment', ['ARG OUTSIDE', 'FROM $OUTSIDE'], { buildArgs: { OUTSIDE: null } }, ['alpine:3']],
    ['what it copies from', ['FROM scratch', 'COPY --from=busybox:1 / /'], {}, ['busybox:1']],
    ['what it mounts', ['FROM a', 'RUN --mount=type=bind,from=b,target=/b ls'], {}, ['a', 'b']],
    ['not a folder in its place', ['FROM other'], { buildContexts: { other: '/ws/other' } }, []],
    ['the image in its place', ['FROM other'], { buildContexts: { other: 'docker-image://x:1' } }, ['x:1']],
    ['of stages that count', ['FROM a AS one', 'FROM b AS two', 'FROM scratch'], { target: 'two' }, ['b']],
  ])('%s', async (_, lines, image, images) => {
    expect(await sources(lines, image)).toEqual({ images });
  });
});
