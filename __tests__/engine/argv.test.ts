import { describe, expect, it } from '@jest/globals';
import { buildahFromProbe } from '../../src/engine/buildah.js';
import { formatCommand } from '../../src/engine/command-line.js';
import { dockerFromProbe } from '../../src/engine/docker.js';
import type { Engine, EngineRequest, Platform, Reuse } from '../../src/engine/engine.js';
import { podmanFromApi, podmanFromProbe } from '../../src/engine/podman.js';
import { readStorage } from '../../src/engine/storage.js';
import { unsupportedProblems } from '../../src/engine/support.js';
import type { ImageSpec } from '../../src/plan/image-spec.js';
import { imageSpec } from '../support/image-spec-factory.js';

const answered = (stdout: string) => ({ code: 0, stdout, stderr: '' });
const PODMAN_LOCAL = '{"Client":{"Version":"4.3.1"}}';
const PODMAN_SERVED = '{"Client":{"Version":"5.0.0"},"Server":{"Version":"4.3.1"}}';
const auto: EngineRequest = { engine: 'auto' };
const engines: Record<string, (request?: Partial<EngineRequest>) => Engine | string> = {
  podman: (request) => podmanFromProbe({ ...auto, ...request }, answered(PODMAN_LOCAL), 'asked'),
  'podman served': (request) =>
    podmanFromProbe({ ...auto, engineUrl: 'unix:///p.sock', ...request }, answered(PODMAN_SERVED), 'asked'),
  buildx: (request) => dockerFromProbe({ ...auto, ...request }, answered('28.5.2\n'), true, 'asked'),
  legacy: (request) => dockerFromProbe({ ...auto, ...request }, answered('20.10.24\n'), false, 'asked'),
  'podman 4.2': () => podmanFromProbe(auto, answered('{"Client":{"Version":"4.2.1"}}'), 'asked'),
  'podman 4.2 client': () =>
    podmanFromProbe(auto, answered('{"Client":{"Version":"4.2.1"},"Server":{"Version":"5.8.6"}}'), 'asked'),
  'buildah 1.27': () => buildahFromProbe(answered('buildah version 1.27.3 (image-spec 1.0.2)\n'), 'asked'),
  buildah: () => buildahFromProbe(answered('buildah version 1.28.2 (image-spec 1.0.2-dev)\n'), 'asked'),
};

function engine(name: string, request?: Partial<EngineRequest>): Engine {
  const found = engines[name]?.(request);
  if (found === undefined || typeof found === 'string') throw new Error(`no engine: ${found}`);
  return found;
}

const CACHE: Reuse = { kind: 'cache' };
const FULL: Partial<ImageSpec> = {
  target: 'test',
  tags: ['api:e2e', 'localhost:5000/api:1'],
  buildArgs: { VERSION: '1,2', HTTP_PROXY: null, EMPTY: '' },
  buildContexts: { shared: '/ws/shared' },
  labels: { 'org.team': 'a=b' },
  platforms: ['linux/amd64'],
  cacheFrom: ['type=registry,ref=r/api'],
  cacheTo: ['type=inline'],
  pull: true,
  extraArgs: ['--network=none', '--shm-size=1g'],
};
const FULL_SHARED =
  '--file /ws/api/Containerfile --target test --build-arg VERSION=1,2 --build-arg HTTP_PROXY --build-arg EMPTY= --build-context shared=/ws/shared --label org.team=a=b --cache-from type=registry,ref=r/api --cache-to type=inline --iidfile /i --network=none --shm-size=1g /ws/api';
const BARE = '--tag api:e2e --file /ws/api/Containerfile --iidfile /i /ws/api';
const FULL_NAMES = '--platform linux/amd64 --tag api:e2e --tag localhost:5000/api:1';

describe('the build command', () => {
  it.each<[string, string, Partial<EngineRequest>, Partial<ImageSpec>, string]>([
    ['podman, nothing set', 'podman', {}, {}, `podman build ${BARE}`],
    ['podman, all set', 'podman', {}, FULL, `podman build --pull=always ${FULL_NAMES} ${FULL_SHARED}`],
    ['podman served', 'podman served', {}, {}, `podman --url unix:///p.sock build ${BARE}`],
    [
      'podman, two platforms make a list under a name of its own',
      'podman',
      {},
      { platforms: ['linux/amd64', 'linux/arm64'] },
      'podman build --platform linux/amd64,linux/arm64 --manifest localhost/e2e-build-action/i:list --file /ws/api/Containerfile /ws/api',
    ],
    [
      'buildah, two platforms',
      'buildah',
      {},
      { platforms: ['linux/amd64', 'linux/arm64'] },
      'buildah build --layers --platform linux/amd64,linux/arm64 --manifest localhost/e2e-build-action/i:list --file /ws/api/Containerfile /ws/api',
    ],
    [
      'buildx, two platforms',
      'buildx',
      {},
      { platforms: ['linux/amd64', 'linux/arm64'] },
      `docker buildx build --progress plain --load --platform linux/amd64,linux/arm64 ${BARE}`,
    ],
    ['buildx, nothing set', 'buildx', {}, {}, `docker buildx build --progress plain --load ${BARE}`],
    [
      'buildx, all set',
      'buildx',
      { builder: 'ci', engineUrl: 'tcp://h:1' },
      FULL,
      `docker --host tcp://h:1 buildx build --builder ci --progress plain --load --pull ${FULL_NAMES} ${FULL_SHARED}`,
    ],
    [
      'legacy docker',
      'legacy',
      {},
      {},
      'DOCKER_BUILDKIT=0 docker build --tag api:e2e --file /ws/api/Containerfile --iidfile /i /ws/api',
    ],
    ['buildah, nothing set', 'buildah', {}, {}, `buildah build --layers ${BARE}`],
    ['buildah, all set', 'buildah', {}, FULL, `buildah build --layers --pull-always ${FULL_NAMES} ${FULL_SHARED}`],
    [
      'a URL context has no file',
      'podman',
      {},
      { context: 'https://h/r.git', file: undefined as never },
      'podman build --tag api:e2e --iidfile /i https://h/r.git',
    ],
  ])('%s', (_name, name, request, values, expected) => {
    const image = imageSpec(values);
    if (values.file === undefined && 'file' in values) delete image.file;
    expect(formatCommand(engine(name, request).build(image, '/i', CACHE))).toBe(expected);
  });

  const NONE: Reuse = { kind: 'none' };
  const YOUNG: Reuse = { kind: 'since', ms: 1499.6 };
  it.each<[string, string, Reuse, string]>([
    ['podman, nothing is reused', 'podman', NONE, '--no-cache'],
    ['podman served, what is young', 'podman served', YOUNG, '--cache-ttl=1500ms'],
    ['podman, no time at all would be any time', 'podman', { kind: 'since', ms: 0 }, '--cache-ttl=1ms'],
    ['buildah, what is young', 'buildah', YOUNG, '--cache-ttl=1500ms'],
    ['an old podman knows no ages', 'podman 4.2', YOUNG, '--no-cache'],
    ['an old client of a new podman neither', 'podman 4.2 client', YOUNG, '--no-cache'],
    ['an old buildah neither', 'buildah 1.27', YOUNG, '--no-cache'],
    ['buildx, nothing is reused', 'buildx', NONE, '--no-cache'],
    ['buildx knows no ages', 'buildx', YOUNG, '--no-cache'],
    ['the legacy builder neither', 'legacy', YOUNG, '--no-cache'],
  ])('%s', (_name, name, reuse, expected) => {
    const bare = formatCommand(engine(name).build(imageSpec(), '/i', CACHE));
    const command = formatCommand(engine(name).build(imageSpec(), '/i', reuse));
    expect(command).toBe(bare.replace(' --iidfile', ` ${expected} --iidfile`));
  });

  it('takes no cache from elsewhere where layers must be young', () => {
    const image = imageSpec({ cacheFrom: ['r/api'], cacheTo: ['r/api'] });
    const line = formatCommand(engine('podman').build(image, '/i', YOUNG));
    expect(line).not.toContain('--cache-from');
    expect(line).toContain('--cache-to r/api');
  });

  it('is printed pasteable, with the values of secret-looking build-args masked', () => {
    const command = engine('podman').build(
      imageSpec({ buildArgs: { API_TOKEN: 'hunter2', GREETING: "it's $HOME" } }),
      '/i',
      CACHE,
    );
    expect(command.args).toContain('API_TOKEN=hunter2');
    expect(formatCommand(command)).toContain("--build-arg 'API_TOKEN=***' --build-arg 'GREETING=it'\\''s $HOME'");
  });
});

describe('archives', () => {
  const id = `sha256:${'ab'.repeat(32)}`;
  const bare = 'ab'.repeat(32);

  it.each([
    [
      'podman',
      `podman save --quiet --format docker-archive --output /s.tar ${bare}`,
      'podman load --quiet --input /s.tar',
    ],
    [
      'podman served',
      `podman --url unix:///p.sock save --quiet --format docker-archive --output /s.tar ${bare}`,
      'podman --url unix:///p.sock load --quiet --input /s.tar',
    ],
    ['buildx', `docker save --output /s.tar ${id}`, 'docker load --quiet --input /s.tar'],
    ['buildah', `buildah push --quiet ${bare} docker-archive:/s.tar`, 'buildah pull --quiet docker-archive:/s.tar'],
  ])('are saved and loaded by %s', (name, save, load) => {
    expect(formatCommand(engine(name).saveUntagged(id, '/s.tar'))).toBe(save);
    expect(formatCommand(engine(name).load('/s.tar'))).toBe(load);
  });

  it.each([
    ['podman', 'api:e2e', 'localhost/api:e2e'],
    ['podman', 'team/api', 'localhost/team/api:latest'],
    ['podman', 'localhost/api:e2e', 'localhost/api:e2e'],
    ['podman', 'localhost:5000/api', 'localhost:5000/api:latest'],
    ['podman', 'ghcr.io/team/api:1', 'ghcr.io/team/api:1'],
    ['buildah', 'api:e2e', 'localhost/api:e2e'],
    ['buildx', 'api:e2e', 'api:e2e'],
    ['legacy', 'team/api', 'team/api:latest'],
  ])('of %s name %s as the engine does', (name, tag, full) => {
    expect(engine(name).fullTag(tag)).toBe(full);
  });
});

describe('the engine behind an API', () => {
  const id = `sha256:${'ab'.repeat(32)}`;
  const engine = podmanFromApi(
    auto,
    { socketPath: '/p.sock' },
    { ...answered('OK'), server: 'Libpod/5.8.6 (linux)' },
    'asked',
  );

  it('is asked by requests, not by a client', () => {
    if (typeof engine === 'string') throw new Error(engine);
    expect(engine.facts).toMatchObject({ dialect: 'podman-remote', served: true, version: '5.8.6' });
    expect(engine.ping()).toEqual({ address: { socketPath: '/p.sock' }, path: '/_ping' });
    expect(engine.inspect(id)).toEqual({
      address: { socketPath: '/p.sock' },
      path: `/images/sha256%3A${'ab'.repeat(32)}/json`,
    });
  });

  it.each([
    ['docker', JSON.stringify({ Id: id, Size: 5 }), { id, sizeBytes: 5 }],
    ['a bare id', JSON.stringify({ Id: 'ab'.repeat(32) }), { id }],
    ['no image', JSON.stringify({ message: 'no such image' }), undefined],
    ['no JSON', '<html>', undefined],
    ['nothing', 'null', undefined],
  ])('reads the image that it shows: %s', (_name, body, image) => {
    if (typeof engine === 'string') throw new Error(engine);
    expect(engine.readInspect(body)).toEqual(image);
  });
});

describe('the engine', () => {
  it('is podman served exactly when a server answers', () => {
    expect(engine('podman').facts).toMatchObject({ served: false, dialect: 'podman', version: '4.3.1' });
    expect(engine('podman served').facts).toMatchObject({
      served: true,
      dialect: 'podman-remote',
      version: '4.3.1',
      address: 'unix:///p.sock',
    });
  });

  it.each([
    [
      'podman',
      'ecfeac394caa5cb0e88bafcf2b1f5bdc5f8e94041d583b448b555a90c1eb44d5 1991267\n',
      { id: 'sha256:ecfeac394caa5cb0e88bafcf2b1f5bdc5f8e94041d583b448b555a90c1eb44d5', sizeBytes: 1991267 },
    ],
    [
      'buildx',
      'sha256:ecfeac394caa5cb0e88bafcf2b1f5bdc5f8e94041d583b448b555a90c1eb44d5 5\n',
      { id: 'sha256:ecfeac394caa5cb0e88bafcf2b1f5bdc5f8e94041d583b448b555a90c1eb44d5', sizeBytes: 5 },
    ],
    ['podman', '<no value>\n', undefined],
    ['podman', '', undefined],
    [
      'buildah',
      'ecfeac394caa5cb0e88bafcf2b1f5bdc5f8e94041d583b448b555a90c1eb44d5\n',
      { id: 'sha256:ecfeac394caa5cb0e88bafcf2b1f5bdc5f8e94041d583b448b555a90c1eb44d5' },
    ],
  ])('reads what the inspect of %s prints: %j', (name, stdout, image) => {
    expect(engine(name).readInspect(stdout)).toEqual(image);
  });

  it.each([
    ['podman', ['info', '--format', '{{.Host.Hostname}}\t{{.Store.GraphRoot}}']],
    ['buildx', ['info', '--format', '{{.Name}}\t{{.DockerRootDir}}']],
    ['buildah', ['info', '--format', '{{.host.hostname}}\t{{.store.GraphRoot}}']],
  ])('asks %s for its machine and for where its images lie', (name, args) => {
    expect(engine(name).storage().args).toEqual(args);
  });

  it.each([
    ['laptop\t/var/lib/docker\n', '/var/lib/docker'],
    ['docker-desktop\t/var/lib/docker\n', undefined],
    ['laptop\t\n', undefined],
    ['', undefined],
  ])('knows whether the images lie on this machine: %j', (stdout, folder) => {
    expect(readStorage(stdout, 'laptop')).toBe(folder);
  });

  it.each([
    ['podman', 'podman pull --quiet registry.example/base:1', undefined],
    ['buildah', 'buildah pull --quiet registry.example/base:1', undefined],
    ['legacy', 'docker pull --quiet registry.example/base:1', undefined],
    [
      'buildx',
      'docker buildx imagetools inspect --format {{.Manifest.Digest}} registry.example/base:1',
      `sha256:${'ab'.repeat(32)}`,
    ],
  ])('finds out which base image a registry has: %s', (name, command, digest) => {
    const found = engine(name).findBase('registry.example/base:1');
    expect([found.command.file, ...found.command.args].join(' ')).toBe(command);
    expect(found.readDigest?.(`sha256:${'ab'.repeat(32)}\n`)).toBe(digest);
    expect(found.readDigest?.('ERROR: not found')).toBeUndefined();
  });

  it.each<[string, string, Partial<EngineRequest>, Platform, string]>([
    [
      'a podman machine',
      'podman served',
      {},
      { os: 'darwin', root: false },
      'podman machine stop, podman machine start',
    ],
    [
      'a server as root',
      'podman served',
      {},
      { os: 'linux', root: true },
      'systemctl restart podman.socket podman.service',
    ],
    [
      'a rootless server',
      'podman served',
      { engineUrl: 'unix:///run/user/1000/podman/podman.sock' },
      { os: 'linux', root: false },
      'systemctl --user restart podman.socket podman.service',
    ],
    [
      "the system's server, for a plain user",
      'podman served',
      { engineUrl: 'unix:///run/podman/podman.sock' },
      { os: 'linux', root: false },
      'sudo -n systemctl restart podman.socket podman.service',
    ],
    ['no server', 'podman', {}, { os: 'linux', root: true }, ''],
    ['docker', 'buildx', {}, { os: 'linux', root: false }, 'sudo -n systemctl restart docker'],
    ['docker as root', 'buildx', {}, { os: 'linux', root: true }, 'systemctl restart docker'],
    ['docker desktop', 'buildx', {}, { os: 'darwin', root: false }, ''],
    [
      'a podman machine by its address',
      'podman served',
      { engineUrl: 'ssh://core@127.0.0.1:62093/run/user/501/podman/podman.sock' },
      { os: 'darwin', root: false },
      'podman machine stop, podman machine start',
    ],
    [
      'nothing here, when podman is on another machine',
      'podman served',
      { engineUrl: 'ssh://ci@build-host:22/run/podman/podman.sock' },
      { os: 'linux', root: true },
      '',
    ],
    [
      'nothing here, when docker is on another machine',
      'buildx',
      { engineUrl: 'tcp://10.0.0.7:2376' },
      { os: 'linux', root: true },
      '',
    ],
  ])('knows how to bring back %s', (_name, name, request, platform, commands) => {
    const restart = engine(name, request).restart(platform);
    expect(restart.map(({ file, args }) => [file, ...args].join(' ')).join(', ')).toBe(commands);
  });

  it.each([
    ['podman', 'podman save --format docker-archive --output /f sha256:0 localhost/api:e2e localhost/api:1'],
    [
      'podman served',
      'podman --url unix:///p.sock save --format docker-archive --output /f sha256:0 localhost/api:e2e localhost/api:1',
    ],
    ['buildx', 'docker save --output /f docker.io/library/api:e2e docker.io/library/api:1'],
    ['legacy', 'docker save --output /f docker.io/library/api:e2e docker.io/library/api:1'],
    [
      'buildah',
      'buildah push sha256:0 docker-archive:/f:localhost/api:e2e, buildah push sha256:0 docker-archive:/f:localhost/api:1',
    ],
  ])('saves an image: %s', (name, commands) => {
    const { fullName, namesByArchive, save } = engine(name);
    const archives = namesByArchive(['api:e2e', 'api:1'].map(fullName));
    const saves = archives.map((names) => formatCommand(save('sha256:0', names, '/f')));
    expect(saves.join(', ')).toBe(commands);
  });

  it('says what it cannot honour instead of building something else', () => {
    const image = imageSpec({ buildContexts: { a: '/a' }, cacheTo: ['type=inline'] });
    expect(unsupportedProblems(engine('legacy'), [image]).map((problem) => problem.where)).toEqual([
      'image "api": build-contexts',
      'image "api": cache-to',
    ]);
    expect(unsupportedProblems(engine('buildx'), [image])).toEqual([]);
  });
});

describe('a value that looks like a flag', () => {
  /** The flags of the build commands that take the next argument as their value, whatever it is (spf13/pflag). */
  const WITH_VALUE = new Set([
    ...['--url', '--host', '--builder', '--progress', '--platform', '--tag', '--manifest', '--file', '--target'],
    ...['--build-arg', '--build-context', '--label', '--secret', '--cache-from', '--cache-to', '--iidfile'],
  ]);
  const WITHOUT = new Set([
    'build',
    'buildx',
    '--layers',
    '--load',
    '--pull',
    '--pull=always',
    '--pull-always',
    '--no-cache',
  ]);
  const DASH = '--privileged';
  const hostile = imageSpec({
    name: DASH,
    context: 'https://example.com/x.git',
    file: DASH,
    target: DASH,
    tags: [DASH],
    buildArgs: { [DASH]: DASH, '-v': null },
    buildContexts: { [DASH]: DASH },
    labels: { [DASH]: DASH },
    secrets: { [DASH]: DASH },
    platforms: [DASH],
    cacheFrom: [DASH],
    cacheTo: [DASH],
    pull: true,
  });

  it.each(Object.keys(engines))('is never read as one by %s', (name) => {
    const { args } = engine(name, { builder: name === 'buildx' ? DASH : undefined } as Partial<EngineRequest>).build(
      hostile,
      DASH,
      { kind: 'none' },
    );
    const rest = [...args];
    const positional: string[] = [];
    while (rest.length > 0) {
      const arg = rest.shift() as string;
      if (WITH_VALUE.has(arg)) rest.shift();
      else if (!WITHOUT.has(arg)) positional.push(arg);
    }
    expect(positional).toEqual(['https://example.com/x.git']);
  });
});
