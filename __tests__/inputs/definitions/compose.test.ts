// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of compose
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { toolFrom } from '../../../src/inputs/definitions/compose-tool.js';
import { readDefinitions } from '../../../src/inputs/definitions/read.js';
import { describeProblem } from '../../../src/inputs/problems.js';
import { type Tools, worldWith } from '../../support/definition-world.js';

const fixture = (name: string) => readFileSync(`__tests__/fixtures/definitions/${name}`, 'utf8');
const FILE = 'deploy/compose.yaml';
const AT = '/checkout/deploy/compose.yaml';
const DOCKER: Tools = {
  'docker compose version': { stdout: 'Docker Compose version 2.40.3-3\n' },
  [`docker compose -f ${AT} config --format json`]: { stdout: fixture('docker-compose-2.40.json') },
};
const PODMAN: Tools = {
  'podman-compose version': { stdout: 'podman-compose version 1.6.0\npodman version 5.8.6\n' },
  [`podman-compose -f ${AT} config`]: { stdout: fixture('podman-compose-1.6.yaml') },
};

async function read(
  files: Record<string, string>,
  { tools = {}, environment = {} }: { tools?: Tools; environment?: Record<string, string> } = {},
) {
  const world = worldWith(files, tools, environment);
  const names = Object.keys(files).filter((path) => !path.endsWith('.env'));
  const { images, problems, notices } = await readDefinitions(names.join('\n'), world);
  return { images, problems: problems.map(describeProblem), notices, asked: world.asked };
}
const readText = (text: string, environment = {}) => read({ [FILE]: text }, { environment });
/** What one service `api` with this key of build becomes, without what all have. */
async function withKey(key: string, value: unknown, top: object = {}) {
  const build = { context: '.', [key]: value };
  const { images, problems } = await readText(JSON.stringify({ services: { api: { build } }, ...top }));
  const { name: _, context: __, where: ___, prefersDockerfile: ____, ...fields } = images[0] ?? { name: '' };
  return { fields, problems };
}

describe('a compose file', () => {
  const whole = { 'deploy/.env': 'TAG=1.2\n', [FILE]: fixture('compose.yaml') };
  it.each<[string, Tools]>([
    ['Docker Compose', DOCKER],
    ['podman-compose', PODMAN],
    ['nobody but ourselves', {}],
  ])('is resolved to the same images by %s', async (_, tools) => {
    const { images, problems } = await read(whole, { tools });
    expect(problems).toEqual([]);
    const byName = [...images].sort((a, b) => (a.name < b.name ? -1 : 1));
    expect(byName).toEqual([
      {
        name: 'api',
        context: 'deploy/api',
        file: 'deploy/api/Containerfile.e2e',
        // Docker Compose leaves an argument out that the environment has no value for; the engine does so itself.
        buildArgs: expect.objectContaining({ PORT: '8080', NAME: 'shop', PRICE: '$5' }),
        buildContexts: { lib: 'lib', base: 'target:web', img: 'docker-image://alpine' },
        secrets: [
          { id: 'npm', source: { kind: 'env', name: 'NPM_TOKEN' } },
          { id: 'ca', source: { kind: 'file', path: 'deploy/cert.pem' } },
        ],
        labels: { team: 'e2e' },
        cacheFrom: ['type=local,src=cache'],
        cacheTo: ['type=local,dest=cache'],
        target: 'runtime',
        tags: ['localhost/shop/api:1.2', 'localhost/shop/api:second'],
        platforms: ['linux/amd64'],
        pull: true,
        noCache: true,
        extraArgs: expect.arrayContaining([
          '--ssh=default',
          '--add-host=somehost:162.242.195.82',
          '--network=host',
          expect.stringMatching(/^--shm-size=(64mb|67108864)$/),
          '--ulimit=nofile=1024',
          '--ulimit=nproc=10:20',
        ]),
        prefersDockerfile: true,
        where: 'deploy/compose.yaml: services.api',
      },
      {
        name: 'inline',
        context: 'deploy',
        containerfile: 'FROM scratch\nLABEL price=$5\n',
        prefersDockerfile: true,
        where: 'deploy/compose.yaml: services.inline',
      },
      { name: 'web', context: 'deploy/web', prefersDockerfile: true, where: 'deploy/compose.yaml: services.web' },
    ]);
  });

  it.each<[string, Tools, string]>([
    [
      'Docker Compose',
      DOCKER,
      `${FILE}: resolved by Docker Compose 2.40.3-3: docker compose -f ${AT} config --format json`,
    ],
    ['podman-compose', PODMAN, `${FILE}: resolved by podman-compose 1.6.0: podman-compose -f ${AT} config`],
    [
      'nobody but ourselves',
      {},
      `${FILE}: read without a tool, as neither Docker Compose 2 nor podman-compose 1.1 answers here`,
    ],
  ])('is said to be read by %s', async (_, tools, notice) => {
    expect((await read(whole, { tools })).notices).toEqual([notice]);
  });

  it.each<[string, [string, ...string[]], string, string | undefined]>([
    ['Docker Compose 2', ['docker', 'compose'], 'Docker Compose version v2.29.1\n', 'Docker Compose v2.29.1'],
    [
      'docker-compose 1, which knows few keys',
      ['docker-compose'],
      'docker-compose version 1.29.2, build unknown',
      undefined,
    ],
    ['podman-compose', ['podman-compose'], 'podman-compose version: 1.2.0\n', 'podman-compose 1.2.0'],
    ['podman-compose without config', ['podman-compose'], 'podman-composer version  1.0.3\n', undefined],
    ['podman-compose without include', ['podman-compose'], 'podman-compose version: 1.0.6\n', undefined],
    ['something else', ['docker', 'compose'], 'hello', undefined],
  ])('is given to %s or not, by its version', (_, command, version, name) => {
    expect(toolFrom(command, version)?.name).toBe(name?.replace(' v2', ' 2'));
  });

  it.each<[string, unknown, object]>([
    ['args', ['A=x=y', 'B'], { buildArgs: { A: 'x=y', B: null } }],
    ['additional_contexts', ['lib=../lib', 'base=service:web'], { buildContexts: { lib: 'lib', base: 'target:web' } }],
    ['additional_contexts', { abs: '/opt/x' }, { buildContexts: { abs: '/opt/x' } }],
    ['dockerfile', 'Dockerfile', {}],
    ['dockerfile', '/opt/Containerfile', { file: '/opt/Containerfile' }],
    ['labels', ['a=b', 'bare'], { labels: { a: 'b', bare: '' } }],
    ['cache_from', ['team/api:cache'], { cacheFrom: ['team/api:cache'] }],
    [
      'extra_hosts',
      { a: '192.0.2.1', b: ['192.0.2.2', '192.0.2.3'] },
      { extraArgs: ['--add-host=a:192.0.2.1', '--add-host=b:192.0.2.2', '--add-host=b:192.0.2.3'] },
    ],
    [
      'extra_hosts',
      ['v6=[::1]', 'up:host-gateway'],
      { extraArgs: ['--add-host=v6:::1', '--add-host=up:host-gateway'] },
    ],
    ['network', 'none', { extraArgs: ['--network=none'] }],
    ['network', 'default', {}],
    ['shm_size', 10_000_000, { extraArgs: ['--shm-size=10000000'] }],
    ['ssh', { default: null, key: 'id_rsa' }, { extraArgs: ['--ssh=default', '--ssh=key=/checkout/deploy/id_rsa'] }],
    ['no_cache', false, { noCache: false }],
    ['isolation', 'default', {}],
    ['privileged', false, {}],
    ['provenance', 'false', {}],
    ['entitlements', [], {}],
    ['x-bake', { tags: ['a'] }, {}],
  ])('has build.%s: %j', async (key, value, fields) => {
    expect(await withKey(key, value)).toEqual({ fields, problems: [] });
  });

  it.each<[string, unknown, string]>([
    ['privileged', true, 'privileged: seen "true", expected false'],
    ['isolation', 'hyperv', 'isolation: seen "hyperv", expected default'],
    [
      'entitlements',
      ['security.insecure'],
      'entitlements: seen "[security.insecure]", expected no such key, as it exists for docker buildx',
    ],
    ['provenance', 'mode=max', 'provenance: seen "mode=max", expected no such key'],
    ['sbom', true, 'sbom: seen "true", expected no such key'],
    ['no_cache_filter', ['a'], 'no_cache_filter: seen "[a]", expected no such key'],
    ['contxt', 'x', 'contxt: seen "contxt", expected one of context, dockerfile'],
    ['context', '~/x', 'context: seen "~/x", expected a path without "~"'],
    ['context', ['x'], 'context: seen "[x]", expected a folder or a URL'],
    ['dockerfile', '', 'dockerfile: seen nothing, expected a path'],
    ['shm_size', 'much', 'shm_size: seen "much", expected a size'],
    ['ulimits', { nofile: 'x' }, 'ulimits: seen "{nofile: x}", expected limits'],
    ['extra_hosts', ['a=b c'], 'extra_hosts: seen "[a=b c]", expected hosts'],
    ['network', ['x'], 'network: seen "[x]", expected the name of a network'],
    ['ssh', ['--x'], 'ssh: seen "[--x]", expected "default"'],
    [
      'secrets',
      ['nope'],
      'secrets: seen "a value that is not shown, as it may be secret", expected secrets that the file defines',
    ],
    ['secrets', [{ source: 'npm', mode: 0o400 }], 'expected source and target only, as no engine can be told mode'],
    [
      'args',
      { A: ['hunter2'] },
      'build-args.A: seen "a value that is not shown, as it may be secret", expected a key with a text',
    ],
    ['target', '--x', 'target: seen "--x", expected the name of a build stage'],
    ['no_cache', 'maybe', 'no-cache: seen "maybe", expected true or false'],
  ])('reports build.%s: %j', async (key, value, problem) => {
    const { problems } = await withKey(key, value, { secrets: { npm: { environment: 'NPM_TOKEN' } } });
    expect(problems).toEqual([expect.stringContaining(problem)]);
    expect(problems[0]).toMatch(/^deploy\/compose\.yaml: services\.api: /);
  });

  it('takes an external secret from the inputs', async () => {
    const top = { secrets: { npm: { external: true } } };
    expect(await withKey('secrets', ['npm'], top)).toEqual({ fields: { secrets: [{ id: 'npm' }] }, problems: [] });
  });

  it.each([
    [
      'a service that neither builds nor names an image',
      'services: {api: {}}',
      'services.api: build: seen nothing, expected build, or image',
    ],
    ['no services', 'volumes: {}', 'services: seen nothing, expected a map of services'],
    ['a service that is a text', 'services: {api: hunter2}', 'services.api: build: seen "a text"'],
    [
      'extends without a tool',
      'services: {api: {extends: {service: b}}, b: {build: .}}',
      'extends: seen "extends", expected a service that extends no other; install Docker Compose 2',
    ],
    [
      'include without a tool',
      'include: [x.yaml]\nservices: {b: {build: .}}',
      'include: seen "include", expected a file that includes no other; install Docker Compose 2',
    ],
    ['a tag of compose without a tool', 'services: {b: {build: !reset null}}', 'seen "!reset or !override"'],
    [
      'a variable that is required',
      'services: {b: {build: "${DIR:?set DIR}"}}',
      'services.b.build: seen "a text with variables", expected variables as compose has them; the variable DIR is not set: set DIR',
    ],
    [
      'a variable that is none',
      'services: {b: {build: {context: ., args: {PASS: "hunter2$"}}}}',
      'services.b.build.args.PASS: seen "a text with variables"',
    ],
    ['a line that cannot be read', 'services:\n  PASSWORD: "hunter2', 'compose.yaml, line 2'],
  ])('reports %s, and no value of the file', async (_, text, problem) => {
    const { problems } = await readText(text);
    expect(problems[0]).toContain(problem);
    expect(problems.join('\n')).not.toContain('hunter2');
  });

  it('takes variables from the environment before those of .env beside it, and tells which are not set', async () => {
    const files = {
      'deploy/.env': 'A=file\nB="file b"\n',
      [FILE]: 'services: {api: {build: ., image: "x/$A:${B}$C"}}',
    };
    const { images, notices } = await read(files, { environment: { A: 'shell' } });
    expect(images[0]?.tags).toEqual(['x/shell:file b']);
    expect(notices).toContain(`${FILE}: the variable C is not set, so it is empty`);
  });

  it('says so when .env would have to be resolved itself', async () => {
    const files = { 'deploy/.env': 'A=$B\n', [FILE]: 'services: {api: {build: "${A}"}}' };
    expect((await read(files)).problems).toEqual([expect.stringContaining('.env gives A a value with "$"')]);
  });

  it.each([
    ['none', {}, ['api']],
    ['one', { COMPOSE_PROFILES: 'debug' }, ['api', 'dbg']],
    ['all', { COMPOSE_PROFILES: '*' }, ['api', 'dbg', 'old']],
  ])('leaves out services of other profiles: %s is active', async (_, environment, names) => {
    const text = 'services: {api: {build: .}, dbg: {build: ., profiles: [debug]}, old: {build: ., profiles: [old]}}';
    expect((await readText(text, environment)).images.map((image) => image.name)).toEqual(names);
  });

  it('makes one project with others, whose paths begin at the first', async () => {
    const two = { [FILE]: 'services: {api: {build: api}}', 'other/compose.yaml': 'services: {web: {build: web}}' };
    expect((await read(two)).images.map((image) => image.context)).toEqual(['deploy/api', 'deploy/web']);
    const same = { [FILE]: 'services: {api: {build: api}}', 'compose.override.yml': 'services: {api: {build: b}}' };
    expect((await read(same)).problems).toEqual([expect.stringContaining('each service in one file only')]);
    const command = `docker compose -f ${AT} -f /checkout/compose.override.yml config --format json`;
    expect((await read(same, { tools: DOCKER })).asked).toContain(command);
  });

  it.each([
    [
      'in its own words',
      {
        code: 1,
        stderr:
          'time="x" level=warning msg="obsolete"\nvalidating e1.yaml: services.api.build additional properties \'foo\' not allowed\n',
      },
      'seen "validating e1.yaml: services.api.build additional properties \'foo\' not allowed"',
    ],
    ['without the value that it quotes', { code: 1, stderr: 'bad value hunter2 in it\n' }, 'seen "bad value … in it"'],
    [
      'without the lines below, which quote the file',
      {
        code: 1,
        stderr:
          'invalid interpolation format for services.api.build.args.X.\nYou may need to escape any $ with another $.\nhunter2${\n',
      },
      'seen "invalid interpolation format for services.api.build.args.X."',
    ],
    [
      'by the end of its trace',
      { code: 1, stderr: 'Traceback (most recent call last):\n  File "x.py"\nValueError: no such thing\n' },
      'seen "ValueError: no such thing"',
    ],
    ['by its exit code alone', { code: 3 }, 'seen "exit code 3"'],
    ['that it did not answer', { failure: 'no answer within 30 s' }, 'seen "no answer within 30 s"'],
  ])('that a tool refuses is a problem: %s', async (_, answer, problem) => {
    const command = `docker compose -f ${AT} config --format json`;
    const tools = { ...DOCKER, [command]: answer };
    const { images, problems } = await read({ [FILE]: 'services: {api: {environment: {X: hunter2}}}' }, { tools });
    expect(images).toEqual([]);
    expect(problems).toEqual([expect.stringContaining(problem)]);
    expect(problems[0]).toContain(`see for yourself: ${command}`);
    expect(problems[0]).not.toContain('hunter2');
  });

  it('that podman-compose leaves half resolved is a problem', async () => {
    const tools = {
      ...PODMAN,
      [`podman-compose -f ${AT} config`]: { stdout: 'services: {a: {extends: {service: b}}}' },
    };
    const { problems } = await read({ [FILE]: 'services: {}' }, { tools });
    expect(problems).toEqual([expect.stringContaining('services.a: extends: seen "extends"')]);
  });
});
