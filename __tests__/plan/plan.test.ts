import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { describeProblem } from '../../src/inputs/problems.js';
import { readInputs } from '../../src/inputs/read.js';
import type { Disk } from '../../src/plan/plan.js';
import { planImages } from '../../src/plan/plan.js';
import { diskWith, NO_NEEDS, PLACE, WORKSPACE } from './disk.js';

/** Plans inputs as the action reads them; reading must find nothing wrong. */
function plan(given: Record<string, string>, disk: Disk = diskWith('Containerfile')) {
  const { inputs, problems } = readInputs((name) => given[name] ?? '');
  expect(problems).toEqual([]);
  const planned = planImages(inputs, { ...PLACE, disk }, NO_NEEDS);
  return { images: planned.plan.images, problems: planned.problems.map(describeProblem) };
}
const at = (path: string) => resolve(WORKSPACE, path);

describe('planImages', () => {
  it('takes one platform only where images are loaded into a cluster', () => {
    const given = {
      images: '- name: api\n- {name: web, platforms: linux/amd64}',
      platforms: 'linux/amd64,linux/arm64',
    };
    expect(plan(given).problems).toEqual([]);
    expect(plan({ ...given, load: 'kind' }).problems).toEqual([
      'images[0] "api": platforms: seen "linux/amd64, linux/arm64", expected one platform with load; a cluster’s nodes take one image, so build the others in a step without load',
    ]);
  });

  it('fills in every default', () => {
    expect(plan({ images: '- name: api' })).toEqual({
      problems: [],
      images: [
        {
          name: 'api',
          context: WORKSPACE,
          file: at('Containerfile'),
          tags: ['api:e2e'],
          buildArgs: {},
          buildContexts: {},
          labels: {},
          secrets: {},
          platforms: [],
          cacheFrom: [],
          cacheTo: [],
          noCache: false,
          pull: false,
          push: false,
          extraArgs: [],
          needs: [],
          timeoutMs: 900_000,
        },
      ],
    });
  });

  const run = {
    'build-args': 'A=run\nB=run',
    labels: 'a=run\nb=run',
    platforms: 'linux/amd64',
    pull: 'true',
    'no-cache': 'true',
    'extra-args': '--run',
    timeout: '5m',
  };

  it('gives the values of the run to an image that has none', () => {
    expect(plan({ ...run, images: '- name: api' }).images[0]).toMatchObject({
      buildArgs: { A: 'run', B: 'run' },
      labels: { a: 'run', b: 'run' },
      platforms: ['linux/amd64'],
      pull: true,
      noCache: true,
      extraArgs: ['--run'],
      timeoutMs: 300_000,
    });
  });

  it("prefers an image's own values, merges maps and puts its extra arguments last", () => {
    const image = {
      name: 'api',
      target: 'runtime',
      tags: ['a:1', 'b:2'],
      'build-args': { B: 'own', C: null },
      labels: { b: 'own' },
      platforms: [],
      pull: false,
      'no-cache': false,
      'extra-args': ['--own'],
      'cache-from': ['type=gha'],
      'cache-to': ['type=gha,mode=max'],
      timeout: '1h',
    };
    expect(plan({ ...run, images: JSON.stringify([image]) }).images[0]).toMatchObject({
      target: 'runtime',
      tags: ['a:1', 'b:2'],
      buildArgs: { A: 'run', B: 'own', C: null },
      labels: { a: 'run', b: 'own' },
      platforms: [],
      pull: false,
      noCache: false,
      extraArgs: ['--run', '--own'],
      cacheFrom: ['type=gha'],
      cacheTo: ['type=gha,mode=max'],
      timeoutMs: 3_600_000,
    });
  });
});

describe('targets', () => {
  const images = 'web: Containerfile\napi: Containerfile\nworker: Containerfile';

  it.each([
    ['all images without targets', '', ['web', 'api', 'worker']],
    ['the targets in the order of the images', 'worker,web', ['web', 'worker']],
    ['a target that is named twice once', 'api\napi', ['api']],
  ])('plans %s', (_, targets, names) => {
    const planned = plan({ images, targets });
    expect(planned.images.map((image) => image.name)).toEqual(names);
    expect(planned.problems).toEqual([]);
  });

  it('reports every unknown target, with the name that was meant', () => {
    expect(plan({ images, targets: 'workr, database, api' }).problems).toEqual([
      'targets: seen "workr", expected the name of an image; did you mean "worker"?',
      'targets: seen "database", expected the name of an image',
    ]);
  });

  it('asks nothing of the images that are not built', () => {
    expect(plan({ images: `${images}\nother: missing/Containerfile`, targets: 'api' }).problems).toEqual([]);
  });
});

describe('tags', () => {
  it.each([
    ['capitals', 'Api'],
    ['spaces', 'my api'],
    ['an emoji', '🚀'],
    ['a leading dash', '-rf'],
    ['a tag of its own', 'api:v1'],
    ['the name of every prototype', '__proto__'],
  ])('must be set for a name with %s', (_, name) => {
    const { problems } = plan({ images: JSON.stringify([{ name }]) });
    expect(problems).toEqual([expect.stringMatching(/: tags: seen .*; the name cannot be a tag, so set tags$/)]);
    expect(plan({ images: JSON.stringify([{ name, tags: 'x:e2e' }]) }).problems).toEqual([]);
  });

  it('are checked one by one', () => {
    expect(plan({ images: '- {name: api, tags: [Api, api, -t]}' }).problems).toEqual([
      expect.stringContaining('images[0] "api": tags[0]: seen "Api", expected an image reference'),
      expect.stringContaining('images[0] "api": tags[2]: seen "-t", expected an image reference'),
    ]);
  });
});

describe('context and file', () => {
  const disk = diskWith(
    'Containerfile',
    'api/Containerfile',
    'api/Dockerfile',
    'web/Dockerfile',
    'docker/web.file',
    'lib/x',
  );

  it.each<[string, object, { context: string; file?: string }]>([
    ['the workspace by default', {}, { context: WORKSPACE, file: at('Containerfile') }],
    ['a Containerfile before a Dockerfile', { context: 'api' }, { context: at('api'), file: at('api/Containerfile') }],
    ['a Dockerfile', { context: './web/' }, { context: at('web'), file: at('web/Dockerfile') }],
    ['an absolute context', { context: at('api') }, { context: at('api'), file: at('api/Containerfile') }],
    [
      'a file that is relative to the workspace',
      { context: 'web', file: 'docker/web.file' },
      { context: at('web'), file: at('docker/web.file') },
    ],
    [
      'a file for a context without one',
      { context: 'lib', file: 'web/Dockerfile' },
      { context: at('lib'), file: at('web/Dockerfile') },
    ],
    [
      'an https context',
      { context: 'https://example.com/x.git#main:api' },
      { context: 'https://example.com/x.git#main:api' },
    ],
    ['an ssh context', { context: 'ssh://git@example.com/x.git' }, { context: 'ssh://git@example.com/x.git' }],
    ['a git context', { context: 'git@example.com:x.git' }, { context: 'git@example.com:x.git' }],
    [
      'a file within a URL context',
      { context: 'git://example.com/x', file: 'a/b' },
      { context: 'git://example.com/x', file: 'a/b' },
    ],
  ])('finds %s', (_, image, found) => {
    const { images, problems } = plan({ images: JSON.stringify([{ name: 'a', ...image }]) }, disk);
    expect(problems).toEqual([]);
    expect({ context: images[0]?.context, file: images[0]?.file }).toEqual({ file: undefined, ...found });
  });

  it.each<[string, object, string]>([
    [
      'a context that is not there',
      { context: 'ap' },
      `context: seen "ap", expected a folder, relative to the workspace or absolute, or a URL; there is no folder ${at('ap')}`,
    ],
    [
      'a context that is a file',
      { context: 'api/Containerfile' },
      'context: seen "api/Containerfile", expected a folder',
    ],
    [
      'a context without a Containerfile',
      { context: 'lib' },
      'file: seen nothing, expected a Containerfile or Dockerfile in the context "lib"',
    ],
    [
      'a file that is not there',
      { file: 'api/Nope' },
      `file: seen "api/Nope", expected a file, relative to the workspace (not to the context) or absolute; there is no file ${at('api/Nope')}`,
    ],
    ['a file that is a folder', { file: 'api' }, 'file: seen "api", expected a file'],
    [
      'a file that is relative to the context',
      { context: './web', file: 'Dockerfile' },
      `file: seen "Dockerfile", expected a file, relative to the workspace (not to the context) or absolute; write "${join('web', 'Dockerfile')}"`,
    ],
  ])('reports %s', (_, image, problem) => {
    const { problems } = plan({ images: JSON.stringify([{ name: 'a', ...image }]) }, disk);
    expect(problems).toEqual([expect.stringContaining(`images[0] "a": ${problem}`)]);
  });

  it('reports a context and a file that are both missing', () => {
    expect(plan({ images: '- {name: a, context: x, file: y}' }, disk).problems).toHaveLength(2);
  });

  it('makes further contexts absolute when they are folders, and leaves other kinds alone', () => {
    const contexts = {
      lib: './lib',
      base: 'docker-image://alpine',
      src: 'https://example.com/x.git',
      git: 'git@example.com:x',
    };
    const { images, problems } = plan({ images: JSON.stringify([{ name: 'a', 'build-contexts': contexts }]) }, disk);
    expect(problems).toEqual([]);
    expect(images[0]?.buildContexts).toEqual({ ...contexts, lib: at('lib') });
  });

  it('reports a further context that is no folder', () => {
    const { problems } = plan({ images: '- {name: a, build-contexts: {lib: libs}}' }, disk);
    expect(problems).toEqual([
      expect.stringContaining('images[0] "a": build-contexts.lib: seen "libs", expected a folder'),
    ]);
  });
});

describe('wrong inputs', () => {
  const planWrong = (images: string) => {
    const read = readInputs((name) => (name === 'images' ? images : ''));
    const planned = planImages(read.inputs, { ...PLACE, disk: diskWith() }, NO_NEEDS);
    return [...read.problems, ...planned.problems].map((problem) => problem.where);
  };

  it('have what planning finds reported at once with what reading found', () => {
    expect(planWrong('[{name: a, contxt: x}, {name: a, context: y}, {context: z}]')).toEqual([
      'images[0] "a": contxt',
      'images[2]: name',
      'images[1] "a": name',
      'images[0] "a": context',
      'images[1] "a": context',
      'images[2]: context',
    ]);
  });

  it('are reported once when there is nothing more to find', () => {
    expect(planWrong('[7, null]')).toEqual(['images[0]', 'images[1]']);
  });
});

describe('large sets', () => {
  const count = 10_000;
  const names = Array.from({ length: count }, (_, index) => `image-${index}`);

  it('are planned whole and in order', () => {
    const images = names.map((name) => `- {name: ${name}, build-args: {VERSION: 1.20}}`).join('\n');
    expect(plan({ images }).images.map((image) => image.name)).toEqual(names);
  });

  it('have every one of their problems reported', () => {
    const images = names.map((name) => `${name}: {contxt: x}`).join('\n');
    const { inputs, problems } = readInputs((name) => (name === 'images' ? images : ''));
    const planned = planImages(
      { ...inputs, targets: names.map((name) => `${name}x`) },
      { ...PLACE, disk: diskWith() },
      NO_NEEDS,
    );
    expect(problems).toHaveLength(count);
    expect(planned.problems).toHaveLength(count);
  });
});

it('a plan has each image once and in order, whatever the names and targets', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9]{0,9}$/), { minLength: 1 }),
      fc.infiniteStream(fc.boolean()),
      (names, coins) => {
        const targets = names.filter(() => coins.next().value);
        const planned = plan({ images: JSON.stringify(names.map((name) => ({ name }))), targets: targets.join(',') });
        expect(planned.images.map((image) => image.name)).toEqual(targets.length === 0 ? names : targets);
      },
    ),
  );
});
