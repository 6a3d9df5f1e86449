// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of HCL
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { readDefinitions } from '../../../src/inputs/definitions/read.js';
import { describeProblem } from '../../../src/inputs/problems.js';
import { type Tools, worldWith } from '../../support/definition-world.js';

const fixture = (name: string) => readFileSync(`__tests__/fixtures/definitions/${name}`, 'utf8');
const PRINT = 'docker buildx bake --file /checkout/docker-bake.hcl --print';
const BUILDX: Tools = {
  'docker buildx version': { stdout: 'github.com/docker/buildx 0.29.1+ds1 0.29.1+ds1-4\n' },
  [PRINT]: { stdout: fixture('bake-0.29-default.json') },
  [`${PRINT} *`]: { stdout: fixture('bake-0.29-all.json') },
};

async function read(files: Record<string, string>, tools: Tools = {}) {
  const world = worldWith(files, tools);
  const { images, problems, notices } = await readDefinitions(Object.keys(files).join('\n'), world);
  return { images, problems: problems.map(describeProblem), notices, asked: world.asked };
}
const readJson = (file: object) => read({ 'docker-bake.json': JSON.stringify(file) });
/** What one target `app` with this key becomes, without what all have. */
async function withKey(key: string, value: unknown, others: object = {}) {
  const { images, problems } = await readJson({ target: { app: { ...others, [key]: value } } });
  const { name: _, where: __, prefersDockerfile: ___, ...fields } = images[0] ?? { name: '' };
  return { fields, problems };
}

describe('a bake file of HCL', () => {
  const whole = { 'docker-bake.hcl': fixture('docker-bake.hcl') };
  const app = {
    name: 'app',
    context: 'api',
    file: 'api/Containerfile.e2e',
    buildArgs: { A: '1', B: '${x}' },
    buildContexts: { base: 'target:tool', img: 'docker-image://alpine', lib: 'lib' },
    labels: { team: 'e2e' },
    tags: ['localhost/app:1.0'],
    cacheFrom: ['type=gha,scope=a', 'user/app:cache'],
    cacheTo: ['type=inline'],
    target: 'runtime',
    secrets: [
      { id: 'npm', source: { kind: 'env', name: 'NPM_TOKEN' } },
      { id: 'cert', source: { kind: 'file', path: 'cert.pem' } },
    ],
    platforms: ['linux/amd64'],
    pull: true,
    noCache: true,
    extraArgs: [
      '--ssh=default',
      '--network=host',
      '--shm-size=64m',
      '--ulimit=nofile=1024:1024',
      '--add-host=somehost:162.242.195.82',
    ],
    prefersDockerfile: true,
    where: 'docker-bake.hcl: target.app',
    groups: ['all', 'default'],
  };

  it('is resolved by docker buildx, which says so', async () => {
    const { images, problems, notices } = await read(whole, BUILDX);
    expect(problems).toEqual([]);
    expect(images.map(({ name, groups, isOptional }) => ({ name, groups, isOptional }))).toEqual([
      { name: '_common', groups: undefined, isOptional: true },
      { name: 'app', groups: ['all', 'default'], isOptional: undefined },
      { name: 'm-a', groups: ['all', 'default', 'm'], isOptional: undefined },
      { name: 'm-b', groups: ['all', 'default', 'm'], isOptional: undefined },
      { name: 'tool', groups: ['all'], isOptional: true },
    ]);
    expect(images[1]).toEqual(app);
    expect(images[2]).toMatchObject({ context: '.', containerfile: 'FROM scratch\nLABEL v=${v}' });
    expect(images[4]).toMatchObject({ context: '.', file: 'tool/Dockerfile' });
    expect(notices).toEqual([`docker-bake.hcl: resolved by docker buildx 0.29.1+ds1: ${PRINT}`]);
  });

  it('whose other targets cannot be resolved has those that it builds by default', async () => {
    const { images, problems, notices } = await read(whole, {
      ...BUILDX,
      [`${PRINT} *`]: { code: 1, stderr: '#1 loading\nERROR: failed to stat key.pem\n' },
    });
    expect(problems).toEqual([]);
    expect(images.map(({ name, isOptional }) => [name, isOptional])).toEqual([
      ['app', undefined],
      ['m-a', undefined],
      ['m-b', undefined],
      ['tool', true],
    ]);
    expect(notices[1]).toMatch(/only what bake builds by default can be picked.*: ERROR: failed to stat key\.pem$/);
  });

  it('that bake refuses is a problem in its own words, without the lines that it quotes', async () => {
    const refusal = {
      code: 1,
      stderr: '#1 loading\nx.hcl:1\n 1 | >>> PASSWORD = "hunter2"\nERROR: x.hcl:1,3: Unsupported\n',
    };
    const { images, problems } = await read(whole, { ...BUILDX, [PRINT]: refusal, [`${PRINT} *`]: refusal });
    expect(images).toEqual([]);
    expect(problems).toEqual([expect.stringContaining('docker-bake.hcl: seen "ERROR: x.hcl:1,3: Unsupported"')]);
  });

  it.each([
    ['HCL', { 'docker-bake.hcl': '' }, 'HCL'],
    ['a variable', { 'a.json': '{"variable": {"V": {}}, "target": {"a": {}}}' }, 'variable'],
    ['a function', { 'docker-bake.json': '{"function": {"f": {}}}' }, 'function'],
    ['a matrix', { 'docker-bake.json': '{"target": {"a": {"matrix": {"v": ["1"]}}}}' }, 'target.a: matrix, or name'],
    ['a template', { 'docker-bake.json': '{"target": {"a": {"tags": ["a:${V}"]}}}' }, 'an expression within a text'],
    ['blocks in lists', { 'docker-bake.json': '{"target": [{"a": {}}]}' }, 'blocks in lists'],
  ])('or with %s takes docker buildx, and without it that is a problem', async (_, files, why) => {
    const { problems } = await read(files);
    expect(problems).toEqual([expect.stringContaining(`: seen "${why}", expected plain JSON, as docker buildx`)]);
    expect(problems[0]).toContain('install docker buildx');
  });
});

describe('a bake file of plain JSON', () => {
  it('is read without docker buildx, which is not even asked for', async () => {
    const file = { target: { app: { tags: ['a:1'] } } };
    for (const text of [JSON.stringify(file), JSON.stringify(file, null, '\t')]) {
      const { images, notices, asked } = await read({ 'docker-bake.json': text });
      expect(images).toEqual([
        { name: 'app', tags: ['a:1'], prefersDockerfile: true, where: 'docker-bake.json: target.app' },
      ]);
      expect(notices).toEqual(['docker-bake.json: read as plain JSON, without docker buildx']);
      expect(asked).toEqual([]);
    }
  });

  it.each<[string, unknown, object]>([
    ['context', 'cwd://api', { context: 'api' }],
    ['context', 'https://example.com/x.git#main', { context: 'https://example.com/x.git#main' }],
    ['dockerfile', 'Dockerfile', { context: '.' }],
    ['dockerfile', 'docker/Containerfile', { context: '.', file: 'docker/Containerfile' }],
    ['dockerfile', 'cwd://x/Containerfile', { context: '.', file: 'x/Containerfile' }],
    ['args', { A: 'x', B: null }, { buildArgs: { A: 'x' } }],
    ['contexts', { a: 'cwd://lib', b: '' }, { buildContexts: { a: 'lib' } }],
    ['labels', { a: 'b', c: null }, { labels: { a: 'b' } }],
    ['cache-from', [{ type: 'registry', ref: 'a/b' }], { cacheFrom: ['a/b'] }],
    ['cache-to', [{ type: 'local', dest: 'c' }], { cacheTo: ['type=local,dest=c'] }],
    ['secret', ['id=TOKEN'], { secrets: [{ id: 'TOKEN', source: { kind: 'env', name: 'TOKEN' } }] }],
    ['ssh', [{ id: 'key', paths: ['k'] }], { extraArgs: ['--ssh=key=/checkout/k'] }],
    ['output', ['type=docker'], {}],
    ['output', [{ type: 'image' }], {}],
    ['attest', ['type=provenance,disabled=true'], {}],
    ['annotations', [], {}],
    ['description', 'text', {}],
    ['call', 'build', {}],
    ['no-cache', true, { noCache: true }],
    ['pull', 'true', { pull: true }],
  ])('has %s: %j', async (key, value, fields) => {
    expect(await withKey(key, value)).toEqual({ fields, problems: [] });
  });

  it.each<[string, unknown, string]>([
    ['output', ['type=registry'], 'output: seen "[type=registry]", expected type=docker or type=image'],
    ['output', ['type=image,push=true'], 'expected type=docker or type=image'],
    ['attest', ['type=sbom'], 'attest: seen "[type=sbom]", expected attestations that are disabled'],
    ['annotations', ['a=b'], 'annotations: seen "[a=b]", expected no such key'],
    ['no-cache-filter', ['a'], 'no-cache-filter: seen "[a]", expected no such key'],
    ['policy', [{ filename: 'x' }], 'policy: seen "[{…}]", expected no such key'],
    ['call', 'check', 'call: seen "check", expected build'],
    ['entitlements', ['network.host'], 'entitlements: seen "[network.host]", expected no such key'],
    ['contexts', ['a'], 'contexts: seen "[a]", expected a map'],
    ['context', '-', 'context: seen "-", expected a folder or a URL'],
    ['dockerfile-inline', '', 'dockerfile-inline: seen "a value that is not shown'],
    ['secret', 'id=x', 'secret: seen "a value that is not shown, as it may be secret", expected a list of secrets'],
    ['ssh', [{ id: 'a', paths: ['b', 'c'] }], 'ssh: seen "[{…}]", expected ids with one path'],
    ['tags', ['a', ['b']], 'tags[1]: seen "[b]", expected text'],
    ['dockrfile', 'x', 'dockrfile: seen "dockrfile", expected one of context, dockerfile'],
    ['inherits', 'base', 'inherits: seen nothing, expected a list of names'],
    ['inherits', ['base'], 'inherits: seen "base", expected names of targets'],
    ['inherits', ['app'], 'inherits: seen "app", expected a target that does not inherit from this one'],
  ])('reports %s: %j', async (key, value, problem) => {
    const { problems } = await withKey(key, value);
    expect(problems).toEqual([expect.stringContaining(problem)]);
    expect(problems[0]).toMatch(/^docker-bake\.json: target\.app: /);
  });

  it('may ask for the network of the host and the leave for it, as bake prints it', async () => {
    expect(await withKey('entitlements', ['network.host'], { network: 'host' })).toEqual({
      fields: { extraArgs: ['--network=host'] },
      problems: [],
    });
  });

  it('inherits as bake does: maps and some lists merge, all else is replaced', async () => {
    const { images, problems } = await readJson({
      target: {
        _a: { args: { A: '1', B: '1' }, tags: ['a'], ulimits: ['nofile=1'], 'cache-to': ['type=inline'], target: 't' },
        _b: { inherits: ['_a'], args: { B: '2', C: null }, ulimits: ['nproc=2'], platforms: ['linux/arm64'] },
        app: { inherits: ['_b'], args: { B: null, D: '3' }, tags: ['own'], 'cache-to': ['type=gha'] },
      },
    });
    expect(problems).toEqual([]);
    expect(images[2]).toMatchObject({
      buildArgs: { A: '1', B: '2', D: '3' },
      tags: ['own'],
      cacheTo: ['type=gha'],
      target: 't',
      platforms: ['linux/arm64'],
      extraArgs: ['--ulimit=nofile=1', '--ulimit=nproc=2'],
    });
  });

  it.each<[string, object, string[]]>([
    [
      'its group default, through other groups',
      { default: { targets: ['g'] }, g: { targets: ['a', 'default'] } },
      ['a'],
    ],
    ['all but the private ones without a default', {}, ['a', 'b']],
  ])('builds %s', async (_, group, names) => {
    const { images, problems } = await readJson({ group, target: { a: {}, b: {}, _c: {} } });
    expect(problems).toEqual([]);
    expect(images.filter((image) => !image.isOptional).map((image) => image.name)).toEqual(names);
  });

  it('builds the target default alone where there is one', async () => {
    const { images } = await readJson({ target: { default: {}, b: {} } });
    expect(images.map(({ name, isOptional }) => [name, isOptional])).toEqual([
      ['default', undefined],
      ['b', true],
    ]);
  });

  it.each<[string, Record<string, string>, string]>([
    [
      'a group of what is not there',
      { 'docker-bake.json': '{"target":{"a":{}},"group":{"g":{"targets":["b"]}}}' },
      'group.g: seen "b", expected names of targets',
    ],
    [
      'a group without a list',
      { 'docker-bake.json': '{"target":{"a":{}},"group":{"g":{}}}' },
      'group.g: targets: seen nothing',
    ],
    [
      'another block',
      { 'docker-bake.json': '{"target":{"a":{}},"targt":{}}' },
      'docker-bake.json: seen "targt", expected target, or group',
    ],
    [
      'a target in two files',
      { 'docker-bake.json': '{"target":{"a":{}}}', 'b.json': '{"target":{"a":{}}}' },
      'b.json: seen "target.a", expected each target',
    ],
    ['a list', { 'docker-bake.json': '[]' }, 'docker-bake.json: seen nothing, expected a map'],
    [
      'what cannot be read, without a value of it',
      { 'docker-bake.json': '{"target": {"a": {"args": {"P": "hunter2' },
      'docker-bake.json, line 1',
    ],
  ])('reports %s', async (_, files, problem) => {
    const { problems } = await read(files);
    expect(problems[0]).toContain(problem);
    expect(problems.join('\n')).not.toContain('hunter2');
  });
});
