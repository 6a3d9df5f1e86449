import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { readOwn } from '../../../src/inputs/definitions/own.js';
import { publishedImagesSchema } from '../../../src/inputs/definitions/own-json-schema.js';
import { readDocument } from '../../../src/inputs/document.js';
import { IMAGE_KEYS } from '../../../src/inputs/image-keys.js';
import { describeProblem } from '../../../src/inputs/problems.js';

const PATH = 'e2e/images.yml';
const read = (text: string) => {
  const { images, problems } = readOwn({
    path: PATH,
    document: () => readDocument(PATH, text),
    takeValues: () => undefined,
  });
  return { images, problems: problems.map(describeProblem) };
};
const where = (index: number, name: string) => `${PATH}: images[${index}] "${name}"`;

describe('a file of our own format', () => {
  it.each([
    ['a list', '- {name: a, file: A}\n- name: b'],
    ['a map', 'a: A\nb: {}'],
    ['a list under images', 'images:\n- {name: a, file: A}\n- name: b'],
    ['a map under images', 'images: {a: A, b: }\ndefaults: {}'.replace('b: }', 'b: {}}')],
    ['a map under images, with nothing for all', 'images: {a: A, b: {}}\ndefaults:'],
  ])('is %s', (_, text) => {
    expect(read(text)).toEqual({
      images: [
        { name: 'a', file: 'A', where: where(0, 'a') },
        { name: 'b', where: where(1, 'b') },
      ],
      problems: [],
    });
  });

  it('gives defaults to every image that has nothing of its own, and merges maps', () => {
    const { images, problems } = read(`
defaults:
  context: services
  tags: [x:1]
  build-args: {A: 1, B: 1}
  labels: {team: e2e}
  extra-args: --network=none
  timeout: 5m
images:
  a:
    context: a
    build-args: {B: 2}
    timeout: 1m
  b: docker/B
`);
    expect(problems).toEqual([]);
    const shared = { tags: ['x:1'], labels: { team: 'e2e' }, extraArgs: ['--network=none'] };
    expect(images).toEqual([
      { ...shared, name: 'a', context: 'a', buildArgs: { A: '1', B: '2' }, timeoutMs: 60_000, where: where(0, 'a') },
      {
        ...shared,
        name: 'b',
        context: 'services',
        file: 'docker/B',
        buildArgs: { A: '1', B: '1' },
        timeoutMs: 300_000,
        where: where(1, 'b'),
      },
    ]);
  });

  it.each([
    ['another key at the top', 'images: {a: A}\ndefault: {}', `${PATH}: seen "default", expected images, or defaults`],
    ['defaults without images', 'defaults: {}', `${PATH}: images: seen nothing, expected a list of images`],
    ['defaults that are a list', 'images: {a: A}\ndefaults: [x]', `${PATH}: defaults: seen "[x]", expected a map`],
    ['a name for all', 'images: {a: A}\ndefaults: {name: x}', `${PATH}: defaults: name: seen "x", expected no name`],
    ['a wrong default', 'images: {a: A}\ndefaults: {pull: maybe}', `${PATH}: defaults: pull: seen "maybe"`],
    ['an unknown default', 'images: {a: A}\ndefaults: {tag: x}', `did you mean "tags"?`],
    ['a wrong key of an image', 'images: {a: {pull: maybe}}', `${PATH}: images[0] "a": pull: seen "maybe"`],
    ['an image that is none', '[7]', `${PATH}: images[0]: seen "7", expected a map with a name`],
    ['nothing', '', `${PATH}: images: seen "null", expected a list of images`],
    ['YAML that is none', 'a: [', `${PATH}, line 1, column`],
  ])('reports %s', (_, text, problem) => {
    expect(read(text).problems).toEqual([expect.stringContaining(problem)]);
  });
});

describe('the JSON Schema of our own format', () => {
  const published = JSON.parse(readFileSync('schema/images.schema.json', 'utf8')) as Record<string, unknown>;
  const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(published);

  it('is published as the code has it; otherwise run: npm run docs', () => {
    expect(published).toEqual(publishedImagesSchema());
  });

  it('knows every key of an image', () => {
    const { image } = published['definitions'] as { image: { properties: object } };
    expect(Object.keys(image.properties).sort()).toEqual(Object.keys(IMAGE_KEYS).sort());
  });

  it.each([
    ['the example', readFileSync('examples/images.yml', 'utf8')],
    ['images with defaults', 'images: {a: A, b: {tags: x}}\ndefaults: {build-args: [A=1], labels: {a: 1}, pull: true}'],
    ['every form of a list', '[{name: a, tags: [a, b], platforms: "x,y", needs: , timeout: 90, build-args: {A: }}]'],
  ])('takes %s, as the reader does', (_, text) => {
    expect({ valid: validate(parse(text)), errors: validate.errors }).toEqual({ valid: true, errors: null });
    expect(read(text).problems).toEqual([]);
  });

  it.each([
    ['a key that no image has', '[{name: a, contxt: x}]'],
    ['an image without a name', '[{context: a}]'],
    ['a default that no image has', 'images: {a: A}\ndefaults: {name: x}'],
    ['a boolean that is none', 'a: {pull: maybe}'],
    ['a list that is a map', 'a: {tags: {x: y}}'],
    ['nothing', '[]'],
  ])('refuses %s, as the reader does', (_, text) => {
    expect(validate(parse(text))).toBe(false);
    expect(read(text).problems).not.toEqual([]);
  });
});
