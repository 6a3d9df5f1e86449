import { describe, expect, it } from '@jest/globals';
import { formatOf } from '../../../src/inputs/definitions/format.js';
import { readDefinitions } from '../../../src/inputs/definitions/read.js';
import { readDocument } from '../../../src/inputs/document.js';
import { describeProblem } from '../../../src/inputs/problems.js';
import { readInputs } from '../../../src/inputs/read.js';
import { worldWith } from '../../support/definition-world.js';

const FILES = {
  'images.yml': 'a: A',
  'more.yaml': 'images: {b: B}',
  'compose.yaml': 'services: {c: {build: c}}',
  'docker-bake.json': '{"target": {"d": {}}}',
};
async function read(files: string, world = worldWith(FILES)) {
  const { images, problems, notices } = await readDefinitions(files, world);
  return { names: images.map(({ name }) => name), problems: problems.map(describeProblem), notices };
}

describe('formatOf', () => {
  it.each([
    ['compose.yaml', '', 'compose'],
    ['docker-compose.e2e.yml', '', 'compose'],
    ['podman-compose.yml', '', 'compose'],
    ['compose-dev.yaml', '', 'compose'],
    ['stack.yml', 'services: {a: {build: .}}', 'compose'],
    ['images.yml', 'services: docker/Containerfile', 'own'],
    ['docker-bake.hcl', '', 'bake-hcl'],
    ['x.HCL', '', 'bake-hcl'],
    ['docker-bake.json', '', 'bake'],
    ['docker-bake.override.json', '', 'bake'],
    ['x.json', '{"target": {"a": {}}}', 'bake'],
    ['x.json', '{"group": {"default": {"targets": []}}}', 'bake'],
    ['x.json', '{"target": {"context": "a"}}', 'own'],
    ['x.json', '[{"name": "a"}]', 'own'],
    ['images.yml', 'target: {a: {}}', 'own'],
    ['images.yml', '[', 'own'],
  ])('takes %s with %j for %s', (path, text, format) => {
    expect(formatOf(path, () => readDocument(path, text))).toBe(format);
  });
});

describe('readDefinitions', () => {
  it('reads files of all formats, in the order in which they are named', async () => {
    const { names, problems } = await read('docker-bake.json, images.yml\n compose.yaml \nmore.yaml,images.yml');
    expect(problems).toEqual([]);
    expect(names).toEqual(['d', 'a', 'c', 'b']);
  });

  it('asks nobody anything when no file is named', async () => {
    const world = worldWith(FILES);
    expect(await read(' \n', world)).toEqual({ names: [], problems: [], notices: [] });
    expect(world.asked).toEqual([]);
  });

  it.each([
    [
      'is not there',
      'nope.yml',
      'files: seen "nope.yml", expected a definition file, relative to the workspace or absolute; there is no file',
    ],
    [
      'is a folder',
      'folder',
      'files: seen "folder", expected a definition file, relative to the workspace or absolute; /checkout/folder is a folder',
    ],
    [
      'cannot be read',
      'locked.yml',
      'files: seen "locked.yml", expected a definition file, relative to the workspace or absolute, that can be read; EACCES',
    ],
    [
      'leads out by a link',
      'link.yml',
      'files: seen "link.yml", expected a path that stays in the workspace, or is written as one that leaves it; a symbolic link leads to /etc/passwd',
    ],
  ])('reports a file that %s', async (_, path, problem) => {
    const world = worldWith({ ...FILES, 'folder/x': '', 'locked.yml': '', 'link.yml': '' });
    const disk = { ...world.disk, realPath: (at: string) => (at.endsWith('link.yml') ? '/etc/passwd' : at) };
    const own = {
      ...world,
      disk,
      read: (at: string) => (at.endsWith('locked.yml') ? { failure: 'EACCES' } : world.read(at)),
    };
    const { names, problems } = await readDefinitions(`${path}\nimages.yml`, own).then(({ images, problems }) => ({
      names: images.map(({ name }) => name),
      problems: problems.map(describeProblem),
    }));
    expect(problems).toEqual([expect.stringContaining(problem)]);
    expect(names).toEqual(['a']);
  });

  it('bounds how many files there are', async () => {
    const many = Array.from({ length: 101 }, (_, at) => `f${at}`).join(',');
    expect((await read(many)).problems).toEqual([
      expect.stringContaining('files: seen "101 files", expected at most 100'),
    ]);
  });

  const ALIASES = `a: &a [${'x,'.repeat(300)}]\nb: [${'*a,'.repeat(500)}]`;
  const MANY = '[a,b]'.replace('b', 'b,'.repeat(132_000));
  it.each<[string, Record<string, string>, string]>([
    [
      'characters',
      { 'a.yml': `a: A #${'x'.repeat(2_000_000)}`, 'docker-bake.hcl': '#'.repeat(100_000) },
      'files: docker-bake.hcl: seen "2100006 characters with the file before it", expected at most 2097152 in all definition files of a run',
    ],
    [
      'words',
      { 'a.yml': 'a: A', 'compose.yaml': 'services: {c: {build: c}}', 'c.yml': MANY.replace('b', 'b,c,'.repeat(999)) },
      'files: c.yml: seen "more than 200000 words and lists with the 2 files before it", expected at most 200000 in all',
    ],
    [
      'values',
      { 'a.yml': ALIASES, 'b.yml': ALIASES },
      'files: b.yml: seen "more than 250000 values with the file before it", expected at most 250000 in all',
    ],
    [
      'images',
      Object.fromEntries([0, 1, 2].map((at) => [`${at}.yml`, `[${'{name: a, file: f},'.repeat(5_000)}]`])),
      'files: 2.yml: seen "more than 10000 images with the 2 files before it", expected at most 10000 in all',
    ],
    [
      'copies of defaults',
      {
        'b.yml': `defaults: {labels: {${[...Array(1_000).keys()].map((at) => `l${at}: x`)}}}\nimages: {${[...Array(300).keys()].map((at) => `i${at}: f`)}}`,
      },
      'files: b.yml: seen "more than 250000 values", expected at most 250000 in all',
    ],
    [
      'copies of what targets inherit',
      {
        'docker-bake.json': `{"target": {"_": {"args": {${[...Array(1_000).keys()].map((at) => `"a${at}": "x"`)}}}, ${[...Array(300).keys()].map((at) => `"t${at}": {"inherits": ["_"]}`)}}}`,
      },
      'files: docker-bake.json: seen "more than 250000 values", expected at most 250000 in all',
    ],
  ])(
    'bounds how many %s all files have together, and names the one at which it is too much',
    async (_, files, problem) => {
      const { problems } = await read(Object.keys(files).join(','), worldWith(files));
      expect(problems).toContainEqual(expect.stringContaining(problem));
    },
  );

  it('has room for 10,000 images with settings in a hundred files', async () => {
    const files = Object.fromEntries(
      [...Array(100).keys()].map((file) => [
        `f${file}.yml`,
        `defaults: {labels: {team: e2e, suite: all}}\nimages: {${[...Array(100).keys()].map((at) => `i${file}-${at}: {file: f, target: t, build-args: {A: 1}}`)}}`,
      ]),
    );
    const { names, problems } = await read(Object.keys(files).join(','), worldWith(files));
    expect([names.length, problems]).toEqual([10_000, []]);
  });

  it('tells of a file outside of the workspace, which is as it was written', async () => {
    const { names, notices } = await read('/elsewhere/images.yml', worldWith({ '/elsewhere/images.yml': 'a: A' }));
    expect([names, notices]).toEqual([
      ['a'],
      ['files "/elsewhere/images.yml" is outside of the workspace: /elsewhere/images.yml'],
    ]);
  });
});

describe('readInputs with definitions', () => {
  const inputsOf = async (given: Record<string, string>) => {
    const definitions = await readDefinitions(given['files'] ?? '', worldWith(FILES));
    const { inputs, problems } = readInputs((name) => given[name] ?? '', definitions);
    return { names: inputs.images.map(({ name }) => name), problems: problems.map(describeProblem) };
  };

  it.each([
    ['images alone', { images: 'x: X' }, ['x']],
    ['files alone', { files: 'compose.yaml' }, ['c']],
    ['both', { images: 'x: X', files: 'images.yml' }, ['x', 'a']],
  ])('has the images of %s', async (_, given, names) => {
    expect(await inputsOf(given)).toEqual({ names, problems: [] });
  });

  it.each([
    ['neither is set', {}, 'images: seen nothing, expected a list of images'],
    [
      'both define a name',
      { images: 'a: X', files: 'images.yml' },
      'images.yml: images[0] "a": name: seen "a", expected a name that no other image has; images[0] has it already',
    ],
    ['files define nothing to build', { files: 'none.yml' }, 'files: seen "none.yml"'],
  ])('reports that %s', async (_, given: Record<string, string>, problem) => {
    expect((await inputsOf(given)).problems).toEqual([expect.stringContaining(problem)]);
  });

  it('reports files in which there is nothing to build', async () => {
    const definitions = await readDefinitions(
      'compose.yaml',
      worldWith({ 'compose.yaml': 'services: {db: {image: x}}' }),
    );
    const { problems } = readInputs((name) => (name === 'files' ? 'compose.yaml' : ''), definitions);
    expect(problems.map(describeProblem)).toEqual([
      'files: seen "compose.yaml", expected files that define an image to build: a service with build, a target, or an image of ours',
    ]);
  });
});
