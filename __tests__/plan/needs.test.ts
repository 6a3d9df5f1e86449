// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are variables of Containerfiles
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { describeProblem } from '../../src/inputs/problems.js';
import { readInputs } from '../../src/inputs/read.js';
import { findNeeds } from '../../src/plan/needs.js';
import { planImages } from '../../src/plan/plan.js';
import { diskWith, PLACE, WORKSPACE } from './disk.js';

type Images = Record<string, object | string>;

/** Plans images of these definitions, each in a folder of its own name with a Containerfile of this text. */
async function plan(
  images: Images,
  files: Record<string, string> = {},
  given: Record<string, string> = {},
  environment: Record<string, string> = {},
) {
  const list = Object.entries(images).map(([name, image]) => ({
    name,
    context: name,
    ...(typeof image === 'string' ? {} : image),
  }));
  const texts = new Map(
    list.map(({ name }) => [resolve(WORKSPACE, name, 'Containerfile'), files[name] ?? 'FROM scratch\n']),
  );
  const { inputs, problems } = readInputs((name) => (name === 'images' ? JSON.stringify(list) : (given[name] ?? '')));
  expect(problems).toEqual([]);
  const place = { ...PLACE, environment, disk: diskWith(...list.map(({ name }) => `${name}/Containerfile`)) };
  const needs = await findNeeds(inputs, { ...place, read: (path) => texts.get(path) });
  const planned = planImages(inputs, place, needs);
  return {
    images: planned.plan.images,
    needs: Object.fromEntries(planned.plan.images.map((image) => [image.name, image.needs])),
    warnings: planned.plan.warnings,
    problems: planned.problems.map(describeProblem),
  };
}

const BASE = { base: { tags: 'base:e2e' } };

describe('needs', () => {
  it.each<[string, string, object?, Record<string, string>?]>([
    ['FROM', 'FROM base:e2e\n'],
    ['FROM with podman’s name for it', 'FROM localhost/base:e2e\n'],
    ['FROM with docker’s name for it', 'FROM docker.io/library/base:e2e\n'],
    ['FROM in lower case, with a platform and quotes', 'from --platform=$BUILDPLATFORM "base:e2e" as x\n'],
    ['a FROM of two lines', 'FROM \\\n  base:e2e\n'],
    ['a FROM whose lines are joined by another character', '# escape=`\nFROM `\n  base:e2e\n'],
    ['a stage before the last', 'FROM base:e2e AS build\nFROM scratch\nCOPY --from=build /a /b\n'],
    ['COPY --from', 'FROM scratch\nCOPY --chown=1:1 --from=base:e2e /a /b\n'],
    ['RUN --mount', 'FROM scratch\nRUN --mount=type=bind,from=base:e2e,target=/b make\n'],
    ['the second RUN --mount', 'FROM scratch\nRUN --mount=type=cache,target=/c --mount=from=base:e2e,target=/b make\n'],
    ['an ARG before the FROM', 'ARG IMAGE=base:e2e\nFROM ${IMAGE}\n'],
    ['an ARG of an ARG', 'ARG TAG=e2e\nARG IMAGE="base:$TAG"\nFROM $IMAGE\n'],
    ['a build argument over an ARG', 'ARG IMAGE=other\nFROM ${IMAGE}\n', { 'build-args': { IMAGE: 'base:e2e' } }],
    [
      'a build argument of the environment',
      'ARG IMAGE\nFROM ${IMAGE}\n',
      { 'build-args': ['IMAGE'] },
      { IMAGE: 'base:e2e' },
    ],
    ['a default', 'FROM ${IMAGE:-base:e2e}\n'],
    ['a default within a default', 'ARG TAG\nFROM ${IMAGE:-base:${TAG:-e2e}}\n'],
    ['an alternative', 'ARG X=1\nFROM ${X:+base:e2e}\n'],
    ['a name out of variables', 'ARG B=ba\nFROM ${B}se:e2e\n'],
    ['an ARG that a stage takes over', 'ARG IMAGE=base:e2e\nFROM scratch\nARG IMAGE\nCOPY --from=${IMAGE} /a /b\n'],
    ['an ARG of a stage', 'FROM scratch\nARG IMAGE=base:e2e\nCOPY --from=$IMAGE /a /b\n'],
    ['a build context that is an image', 'FROM base\n', { 'build-contexts': { base: 'docker-image://base:e2e' } }],
    ['a build context of the set', 'FROM other\n', { 'build-contexts': { other: 'target:base' } }],
    ['the stage that is the target', 'FROM base:e2e AS a\nFROM scratch AS b\n', { target: 'A' }],
    ['needs', 'FROM scratch\n', { needs: ['base'] }],
  ])('are found in %s', async (_, containerfile, image = {}, environment = {}) => {
    const { needs, problems } = await plan({ ...BASE, api: image }, { api: containerfile }, {}, environment);
    expect(problems).toEqual([]);
    expect(needs).toEqual({ base: [], api: ['base'] });
  });

  it.each<[string, string, object?]>([
    ['another tag', 'FROM base:other\n'],
    ['no tag, which is latest', 'FROM base\n'],
    ['another registry', 'FROM registry.example.com/base:e2e\n'],
    ['a digest', `FROM base:e2e@sha256:${'ab'.repeat(32)}\n`],
    ['a comment', '# FROM base:e2e\nFROM scratch\n'],
    ['a heredoc', 'FROM scratch\nRUN <<EOF\nFROM base:e2e\nCOPY --from=base:e2e /a /b\nEOF\n'],
    ['a stage of that name', 'FROM scratch AS base:e2e\nFROM base:e2e\nCOPY --from=base:e2e /a /b\n'],
    ['a stage that the target does not need', 'FROM base:e2e AS a\nFROM scratch AS b\n', { target: 'b' }],
    ['a stage that nothing needs', 'FROM base:e2e AS unused\nFROM scratch\n'],
    [
      'a variable of another stage',
      'FROM scratch AS a\nARG I=base:e2e\nFROM scratch\nCOPY --from=$I /a /b\nCOPY --from=a / /\n',
    ],
    ['a global ARG that the stage does not take over', 'ARG I=base:e2e\nFROM scratch\nCOPY --from=$I /a /b\n'],
    [
      'what a build context replaces',
      'FROM base:e2e\n',
      { 'build-contexts': { 'base:e2e': 'https://example.com/base.git' } },
    ],
    ['its own tag', 'FROM api:e2e\n'],
    ['what cannot be read as a Containerfile', '\0base:e2e $ FROM'],
    ['more than anybody writes', `FROM base:e2e\n${'# a line\n'.repeat(20_000)}`],
  ])('are not found in %s', async (_, containerfile, image = {}) => {
    const { needs, problems } = await plan({ ...BASE, api: image }, { api: containerfile });
    expect(problems).toEqual([]);
    expect(needs).toEqual({ base: [], api: [] });
  });

  it('do not take an image called scratch for nothing at all', async () => {
    const { needs } = await plan({ nothing: { tags: 'scratch:latest' }, api: {} }, { api: 'FROM scratch\n' });
    expect(needs['api']).toEqual([]);
  });

  it('are read once of a Containerfile that images share, each with its own target and arguments', async () => {
    const containerfile = 'ARG I\nFROM scratch AS a\nFROM a:e2e AS b\nFROM b:e2e AS c\nFROM ${I} AS d\n';
    const of = (target: string, more = {}) => ({ file: 'a/Containerfile', target, ...more });
    const images = { a: of('a'), b: of('b'), c: of('c'), d: of('d', { 'build-args': { I: 'c:e2e' } }) };
    const { needs } = await plan(images, { a: containerfile });
    expect(needs).toEqual({ a: [], b: ['a'], c: ['b'], d: ['c'] });
  });

  it('bring what a target needs with it, in the order of the list', async () => {
    const images = { other: {}, api: { needs: 'mid' }, mid: {}, base: { tags: 'team/base:1' } };
    const { needs } = await plan(images, { mid: 'FROM team/base:1\n' }, { targets: 'api' });
    expect(Object.keys(needs)).toEqual(['api', 'mid', 'base']);
  });

  it('that are not known are told with what was meant', async () => {
    const images = { base: {}, api: { needs: ['bse'], 'build-contexts': { x: 'target:basee', y: 'target:' } } };
    expect((await plan(images)).problems).toEqual([
      'images[1] "api": needs[0]: seen "bse", expected the name of an image; did you mean "base"?',
      'images[1] "api": build-contexts.x: seen "target:basee", expected target: and the name of an image; did you mean "base"?',
      'images[1] "api": build-contexts.y: seen "target:", expected target: and the name of an image',
    ]);
  });

  it('that go in a circle are told with the whole of it, and why each is there', async () => {
    const images = { api: {}, base: { needs: ['lib'] }, lib: { 'build-contexts': { x: 'target:api' } } };
    expect((await plan(images, { api: 'FROM scratch AS a\nFROM base:e2e\n' })).problems).toEqual([
      'needs: seen "api → base → lib → api", expected no image that waits for itself, but "api" needs "base" (FROM base:e2e in line 2 of api/Containerfile), "base" needs "lib" (needs), "lib" needs "api" (build context x)',
    ]);
    expect((await plan({ api: { needs: 'api' } })).problems).toEqual([
      'needs: seen "api → api", expected no image that waits for itself, but "api" needs "api" (needs)',
    ]);
  });

  it('that go in a circle somewhere else do not stop the targets', async () => {
    const images = { a: { needs: 'b' }, b: { needs: 'a' }, api: {} };
    expect(await plan(images, {}, { targets: 'api' })).toMatchObject({ problems: [], needs: { api: [] } });
    expect((await plan(images)).problems).toHaveLength(1);
  });

  it('make of a build context of the set an image that every engine finds', async () => {
    const images = { base: { tags: 'team/base:1, team/base:2' }, api: { 'build-contexts': { x: 'target:base' } } };
    expect((await plan(images)).images[1]?.buildContexts).toEqual({ x: 'docker-image://team/base:1' });
  });

  it('leave pull out where the engine would look for an image of this run in a registry, and say so', async () => {
    const images = { base: {}, api: {}, web: { needs: 'base' } };
    const planned = await plan(images, { api: 'FROM base:e2e\n' }, { pull: 'true' });
    expect(planned.images.map(({ name, pull }) => [name, pull])).toEqual([
      ['base', true],
      ['api', false],
      ['web', true],
    ]);
    expect(planned.warnings).toEqual([
      'image "api": pull is left out, as it builds on an image of this run, which the engine would look for in a registry',
    ]);
  });

  it('of ten thousand images, in one chain or all of one, are found within seconds', async () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `image-${index}`);
    const chain = Object.fromEntries(
      names.map((name, index) => [name, index === 0 ? {} : { needs: names[index - 1] }]),
    );
    const began = performance.now();
    const { images, problems } = await plan(chain, {}, { targets: 'image-9999' });
    expect([images.length, problems]).toEqual([10_000, []]);
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  it('of a Containerfile that is made to be slow to search are found, or not, within a second', async () => {
    const long = [
      `${'\n'.repeat(60_000)}x`,
      'from='.repeat(20_000),
      'FROM '.repeat(20_000),
      `FROM ${'a.'.repeat(50_000)}`,
    ];
    for (const text of long) {
      const began = performance.now();
      await plan({ ...BASE, api: {} }, { api: text });
      expect(performance.now() - began).toBeLessThan(1_000);
    }
  });
});
