import { describe, expect, it } from '@jest/globals';
import { buildahFromProbe } from '../../src/engine/buildah.js';
import { formatCommand } from '../../src/engine/command-line.js';
import { dockerFromProbe } from '../../src/engine/docker.js';
import { forPlatforms, platformQuestions } from '../../src/engine/docker-platforms.js';
import type { Command, Engine, EngineRequest } from '../../src/engine/engine.js';
import { podmanFromProbe } from '../../src/engine/podman.js';
import { pushProblems } from '../../src/engine/push.js';
import { unsupportedProblems } from '../../src/engine/support.js';
import { imageSpec } from '../support/image-spec-factory.js';

const answered = (stdout: string) => ({ code: 0, stdout, stderr: '' });
const auto: EngineRequest = { engine: 'auto' };
const remote: EngineRequest = { ...auto, engineUrl: 'unix:///p.sock' };
const found = (engine: Engine | string): Engine => {
  if (typeof engine === 'string') throw new Error(engine);
  return engine;
};
const engines = {
  podman: found(podmanFromProbe(auto, answered('{"Client":{"Version":"4.3.1"}}'), 'asked')),
  served: found(
    podmanFromProbe(remote, answered('{"Client":{"Version":"5.0.0"},"Server":{"Version":"4.3.1"}}'), 'asked'),
  ),
  buildx: found(dockerFromProbe(auto, answered('28.5.2\n'), true, 'asked')),
  legacy: found(dockerFromProbe(remote, answered('20.10.24\n'), false, 'asked')),
  buildah: found(buildahFromProbe(answered('buildah version 1.28.2 (image-spec 1.0.2-dev)\n'), 'asked')),
};
const TAG = 'ghcr.io/team/api:e2e';
const DIGEST = `sha256:${'ab'.repeat(32)}`;
const OTHER = `sha256:${'cd'.repeat(32)}`;
const single = imageSpec({ tags: [TAG] });
const multi = imageSpec({ tags: [TAG, 'ghcr.io/team/api:1'], platforms: ['linux/amd64', 'linux/arm64'] });
const line = (command: Command | undefined) => (command === undefined ? undefined : formatCommand(command));

describe('the push command', () => {
  it.each<[string, keyof typeof engines, typeof single, string]>([
    ['podman', 'podman', single, `podman push --digestfile /d ${TAG}`],
    ['podman served', 'served', single, `podman --url unix:///p.sock push --digestfile /d ${TAG}`],
    ['podman, a list', 'podman', multi, `podman manifest push --all --digestfile /d ${TAG} docker://${TAG}`],
    ['buildah', 'buildah', single, `buildah push --digestfile /d ${TAG}`],
    ['buildah, a list', 'buildah', multi, `buildah manifest push --all --digestfile /d ${TAG} docker://${TAG}`],
    ['docker with buildx', 'buildx', single, `docker push ${TAG}`],
    ['docker, a list that it could load', 'buildx', multi, `docker push ${TAG}`],
    ['docker without buildx', 'legacy', single, `docker --host unix:///p.sock push ${TAG}`],
  ])('of %s', (_name, engine, image, expected) => {
    expect(line(engines[engine].push(image, TAG).command('/d'))).toBe(expected);
  });

  it.each<[keyof typeof engines, string, string | undefined, string | undefined]>([
    ['podman', '', DIGEST, DIGEST],
    ['podman', '', `${DIGEST}\n`, DIGEST],
    ['buildah', '', undefined, undefined],
    ['buildah', `e2e: digest: ${DIGEST} size: 1`, '', undefined],
    ['legacy', `The push refers to repository [x]\ne2e: digest: ${DIGEST} size: 527\n`, undefined, DIGEST],
    ['legacy', `e2e: digest: ${DIGEST} size: 527\r\n`, undefined, DIGEST],
    ['legacy', `a layer says e2e: digest: ${DIGEST} size: 527\n`, undefined, undefined],
    ['buildx', 'e2e: digest: sha256:short size: 527\n', undefined, undefined],
  ])('of %s leaves a digest where it says one: %j, file %j', (engine, stdout, file, digest) => {
    expect(engines[engine].push(single, TAG).readDigest(stdout, file)).toBe(digest);
  });

  it('of docker is not read as words of buildx', () => {
    expect(engines.buildx.push(single, TAG).dialect).toBe('docker-legacy');
  });

  it('of a podman that says no digest is followed by a question to the registry', () => {
    const ask = engines.served.push(single, TAG).ask?.('/run-1/2-pushed.digest');
    const name = 'localhost/e2e-build-action/run-1-2-pushed-digest:list';
    expect([ask?.begin, ask?.show, ask?.end].map(line)).toEqual([
      `podman --url unix:///p.sock manifest create ${name} docker://${TAG}`,
      `podman --url unix:///p.sock manifest inspect ${name}`,
      `podman --url unix:///p.sock manifest rm ${name}`,
    ]);
    const list = { manifests: [{ digest: DIGEST, platform: { os: 'linux', architecture: 'amd64' } }] };
    expect(ask?.read(JSON.stringify(list))).toBe(DIGEST);
    expect(ask?.read('{"manifests":[]}')).toBeUndefined();
    expect(engines.served.push(multi, TAG).ask).toBeUndefined();
  });
});

describe('tags that are to be pushed', () => {
  const seen = (engine: keyof typeof engines, tags: string[], push = true) =>
    pushProblems(engines[engine], [imageSpec({ tags, push })]).map((problem) => problem.seen);
  const tags = [
    'api:e2e',
    'owner/api:e2e',
    'localhost/api:e2e',
    'localhost:5000/api',
    'docker.io/o/api',
    'r.example/a:1',
  ];

  it.each<[keyof typeof engines, string[]]>([
    ['podman', ['api:e2e', 'owner/api:e2e', 'localhost/api:e2e']],
    ['buildah', ['api:e2e', 'owner/api:e2e', 'localhost/api:e2e']],
    ['buildx', ['api:e2e', 'localhost/api:e2e']],
    ['legacy', ['api:e2e', 'localhost/api:e2e']],
  ])('have a registry in their name for %s', (engine, refused) => {
    expect(seen(engine, tags)).toEqual(refused);
    expect(seen(engine, tags, false)).toEqual([]);
  });

  it('are named with their image, and with what would be right', () => {
    expect(pushProblems(engines.podman, [imageSpec({ name: 'api', push: true })])).toEqual([
      {
        where: 'image "api": tags',
        seen: 'api:e2e',
        expected: 'a tag with a registry, such as ghcr.io/owner/api:e2e, as the image is to be pushed',
        hint: 'write tags, or push: false for this image',
      },
    ]);
  });
});

describe('several platforms on docker', () => {
  const store = (name: string) => answered(`[["driver-type","${name}"]]\n`);
  const containerd = store('io.containerd.snapshotter.v1');
  const classic = answered('[["Backing Filesystem","extfs"]]\n');
  const driver = (name: string) => answered(`Name:          ci\nDriver:        ${name}\nLast Activity: 2026\n`);
  const at = (storeAnswer: typeof classic, builder: typeof classic) =>
    forPlatforms(engines.buildx, { ...auto, builder: 'ci' }, { store: storeAnswer, builder });
  const problems = (engine: Engine, push: boolean) =>
    unsupportedProblems(engine, [{ ...multi, push }]).map(({ where, hint }) => `${where}; ${hint}`);

  it('are asked for by two questions', () => {
    const questions = platformQuestions({ ...auto, builder: 'ci' });
    expect([questions.store, questions.builder].map(line)).toEqual([
      "docker info --format '{{json .DriverStatus}}'",
      'docker buildx inspect ci',
    ]);
  });

  it.each([
    ["containerd's store", containerd, driver('docker-container')],
    ['an engine that does not say', { ...classic, code: 1 }, driver('docker')],
    ['a builder that does not say', classic, { ...classic, code: 1 }],
  ])('are loaded with %s', (_name, storeAnswer, builder) => {
    expect(at(storeAnswer, builder)).toBe(engines.buildx);
  });

  it('are refused by the driver docker with the classic store, pushed or not', () => {
    const engine = at(classic, driver('docker'));
    expect(problems(engine, false)).toEqual([
      expect.stringMatching(/^image "api": platforms \(more than one\); turn on docker's containerd image store/),
    ]);
    expect(problems(engine, true)).toHaveLength(1);
    expect(unsupportedProblems(engine, [single])).toEqual([]);
  });

  it('are pushed by their build with another driver, and then looked for in the registry', () => {
    const engine = at(classic, driver('docker-container'));
    expect(problems(engine, false)).toEqual([expect.stringContaining('push it (push: true)')]);
    expect(problems(engine, true)).toEqual([]);
    expect(line(engine.build(multi, '/i', { kind: 'cache' }))).toContain(
      'docker buildx build --builder ci --progress plain --push',
    );
    expect(line(engine.build(single, '/i', { kind: 'cache' }))).toContain('--load');
    const inspect = `docker buildx imagetools inspect --format '{{json .Manifest}}' ${TAG}`;
    expect(line(engine.list(multi, '/i')?.show)).toBe(inspect);
    expect(engine.list(single, '/i')).toBeUndefined();
    const push = engine.push(multi, TAG);
    expect(line(push.command('/d'))).toBe(inspect);
    expect(push.readDigest(JSON.stringify({ digest: OTHER }), undefined)).toBe(OTHER);
    expect(push.readDigest('no JSON', undefined)).toBeUndefined();
    expect(line(engine.push(single, TAG).command('/d'))).toBe(`docker push ${TAG}`);
  });
});
