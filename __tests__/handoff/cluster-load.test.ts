import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { buildahFromProbe } from '../../src/engine/buildah.js';
import { dockerFromProbe } from '../../src/engine/docker.js';
import type { Engine } from '../../src/engine/engine.js';
import { podmanFromProbe } from '../../src/engine/podman.js';
import type { HandOffTools } from '../../src/handoff/hand-off.js';
import { handOffsOf } from '../../src/handoff/hand-offs.js';
import { createArchiveFiles } from '../../src/host/archive-files.js';
import { startBuild } from '../../src/host/process.js';
import { readLoadTargets } from '../../src/inputs/load-targets.js';
import { standIn } from '../support/cluster-stand-in.mjs';
import { imageSpec } from '../support/image-spec-factory.js';

const ID = `sha256:${'ab'.repeat(31)}01`;
const OTHER = `sha256:${'cd'.repeat(31)}02`;

function engine(name: string): Engine {
  const answered = (stdout: string) => ({ code: 0, stdout, stderr: '' });
  const url = { engine: 'auto', engineUrl: `unix:///${name}.sock` } as const;
  const found =
    name === 'podman'
      ? podmanFromProbe(url, answered('{"Client":{"Version":"5.8.6"},"Server":{"Version":"5.8.6"}}'), '')
      : name === 'docker'
        ? dockerFromProbe(url, answered('28.5.2'), true, '')
        : buildahFromProbe(answered('buildah version 1.43.2 (x)'), '');
  if (typeof found === 'string') throw new Error(found);
  return found;
}

const kindNode = (name: string, cluster = 'e2e', role = 'control-plane', state = 'running') => ({
  name,
  state,
  labels: { 'io.x-k8s.kind.cluster': cluster, 'io.x-k8s.kind.role': role },
});
const k3dNode = (name: string, role: string) => ({
  name,
  labels: { app: 'k3d', 'k3d.cluster': 'e2e', 'k3d.role': role },
});
const localImages = { 'localhost/api:e2e': ID, 'localhost/api:1': ID };
const dockerImages = { 'docker.io/library/api:e2e': ID, 'docker.io/library/api:1': ID };

let folder: string;
let kept: Map<string, string>;
let waited: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'e2e-cluster-'));
  kept = new Map();
  waited = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ROOM: Omit<HandOffTools, 'run'> = {
  wait: async (ms) => {
    waited += ms;
  },
  archives: createArchiveFiles('/ws', 'test'),
  signal: new AbortController().signal,
  takeLine: () => undefined,
  temporaryFile: (name) => join(folder, name),
  async keptFile(name, make) {
    const path = kept.get(name) ?? join(folder, `${kept.size}-${name}`);
    if (kept.has(name)) return { path };
    const failed = await make(path);
    if (failed === undefined) kept.set(name, path);
    else rmSync(path, { force: true });
    return failed ?? { path };
  },
};

/** Runs no process. */
const tools: HandOffTools = {
  ...ROOM,
  run: async (command) => {
    const { code, ...said } = standIn(folder, command.file, command.args, command.env);
    return { command, ending: { kind: 'exited', code }, ...said, tail: said.stderr };
  },
};

/** Runs programs of these names, found on the path. */
function executables(...programs: string[]): HandOffTools {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const program of programs) {
    const words = [process.execPath, join(process.cwd(), '__tests__/support/cluster-stand-in.mjs'), program];
    writeFileSync(join(bin, program), `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(' ')} "$@"\n`);
    chmodSync(join(bin, program), 0o755);
  }
  return {
    ...ROOM,
    async run(command) {
      const env = { ...command.env, STAND_IN: folder, PATH: `${bin}:/usr/bin:/bin` };
      const { code, failure, ...said } = await startBuild({ ...command, env }, join(folder, 'log'), () => 0).ended;
      const reason = failure ?? 'it was ended by a signal';
      return {
        command,
        ending: code === undefined ? { kind: 'not-spawned', reason } : { kind: 'exited', code },
        ...said,
      };
    },
  };
}

function load(target: string, on: string, world: object, { by = tools, environment = {} } = {}) {
  if (world !== NO_CHANGE) writeFileSync(join(folder, 'world.json'), JSON.stringify(world));
  const [handOff] = handOffsOf({ push: false, load: readLoadTargets(target).load }, engine(on), environment);
  return (handOff as NonNullable<typeof handOff>).attempt(
    imageSpec({ name: 'api', tags: ['api:e2e', 'api:1'] }),
    { id: ID },
    by,
  );
}
const NO_CHANGE = {};

const calls = () =>
  readFileSync(join(folder, 'calls'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { program: string; args: string[]; env: Record<string, string> });
const lines = () => calls().map(({ program, args }) => `${program} ${args.join(' ').replaceAll(folder, '')}`);
const nodes = () => JSON.parse(readFileSync(join(folder, 'world.json'), 'utf8')).nodes;

const podmanWorld = (more: object = {}) => ({
  engines: { podman: { images: localImages, nodes: [kindNode('n1'), kindNode('n2', 'e2e', 'worker')] } },
  nodes: {},
  ...more,
});

describe('loading into a kind cluster', () => {
  it('asks the nodes, saves once, loads, and asks again', async () => {
    expect(await load('kind:e2e', 'podman', podmanWorld())).toEqual({ said: 'loaded into 2 nodes' });
    const ask = (node: string) =>
      `podman --url unix:///podman.sock exec ${node} ctr --namespace=k8s.io images list name=="localhost/api:e2e" name=="localhost/api:1" name=="${ID}"`;
    const [first, ...rest] = lines();
    expect(first).toBe(
      'podman --url unix:///podman.sock ps --all --filter label=io.x-k8s.kind.cluster --format {{.Names}}\t{{.State}}\t{{.Labels}}',
    );
    expect(rest.slice(0, 2).sort()).toEqual([ask('n1'), ask('n2')]);
    expect(rest.slice(2, 4)).toEqual([
      `podman --url unix:///podman.sock save --format docker-archive --output /0-image-1.tar ${ID} localhost/api:e2e localhost/api:1`,
      'kind load image-archive /0-image-1.tar --name e2e --nodes n1,n2',
    ]);
    expect(rest.slice(4).sort()).toEqual([ask('n1'), ask('n2')]);
    expect(calls().find(({ program }) => program === 'kind')?.env).toEqual({
      provider: 'podman',
      podman: 'unix:///podman.sock',
    });
    expect(nodes()).toEqual({ n1: localImages, n2: localImages });
  });

  it('saves and loads nothing that is there, though only its manifest says so', async () => {
    const world = podmanWorld({ nodes: { n1: localImages, n2: localImages }, slowIds: true });
    expect(await load('kind:e2e', 'podman', world)).toEqual({ said: 'already there, on 2 nodes' });
    expect(lines().filter((line) => /save|^kind/.test(line))).toEqual([]);
  });

  it('loads only into the nodes that lack it, also where the name stands for another image', async () => {
    const world = podmanWorld({ nodes: { n1: localImages, n2: { ...localImages, 'localhost/api:1': OTHER } } });
    expect(await load('kind:e2e', 'podman', world)).toEqual({ said: 'loaded into 1 of 2 nodes; 1 had it' });
    expect(lines()).toContain('kind load image-archive /0-image-1.tar --name e2e --nodes n2');
  });

  it('leaves the load balancer and other clusters alone', async () => {
    const all = [kindNode('n1'), kindNode('lb', 'e2e', 'external-load-balancer'), kindNode('x', 'other')];
    const world = { engines: { podman: { images: localImages, nodes: all } }, nodes: {} };
    expect(await load('kind:e2e', 'podman', world)).toEqual({ said: 'loaded into 1 node' });
    expect(Object.keys(nodes())).toEqual(['n1']);
  });

  it('does not save again what it has, when the load has to be tried again', async () => {
    const world = podmanWorld({ faults: { 'kind load': ['fails'] } });
    const failed = await load('kind:e2e', 'podman', world);
    expect(failed).toMatchObject({ failed: { stderr: 'kind: boom\n', ending: { code: 1 } }, dialect: 'cluster' });
    expect(await load('kind:e2e', 'podman', NO_CHANGE)).toEqual({ said: 'loaded into 2 nodes' });
    expect(lines().filter((line) => / save /.test(line))).toHaveLength(1);
  });

  it('saves anew to a fresh file when a save broke off', async () => {
    const world = podmanWorld({ faults: { 'podman save': ['fails'] } });
    expect(await load('kind:e2e', 'podman', world)).toMatchObject({ failed: { stderr: 'podman: boom\n' } });
    expect(await load('kind:e2e', 'podman', NO_CHANGE)).toEqual({ said: 'loaded into 2 nodes' });
  });

  it('does not believe a kind that says it is done', async () => {
    const world = podmanWorld({ faults: { 'kind load': ['lies'] } });
    expect(await load('kind:e2e', 'podman', world)).toMatchObject({
      failed: { ending: { kind: 'exited', code: 0 } },
      said: `the load was said to be done, and n1, n2 have not localhost/api:e2e, localhost/api:1 as ${ID}`,
    });
  });

  it('tells kind of the engine that has the nodes, where that is not the one that built', async () => {
    const world = {
      engines: { podman: { images: localImages, nodes: [] }, docker: { images: {}, nodes: [kindNode('n1')] } },
      nodes: {},
    };
    expect(await load('kind:e2e', 'podman', world)).toEqual({ said: 'loaded into 1 node' });
    expect(calls().find(({ program }) => program === 'kind')?.env).toEqual({ provider: 'docker' });
  });

  it('makes one archive a name with buildah, whose archives hold one', async () => {
    const world = {
      engines: {
        buildah: { images: localImages, nodes: [] },
        docker: { images: {}, nodes: [kindNode('n1')] },
      },
      nodes: {},
    };
    expect(await load('kind:e2e', 'buildah', world)).toEqual({ said: 'loaded into 1 node' });
    expect(lines().filter((line) => /^(buildah|kind)/.test(line))).toEqual([
      `buildah push ${ID} docker-archive:/0-image-1.tar:localhost/api:e2e`,
      'kind load image-archive /0-image-1.tar --name e2e --nodes n1',
      `buildah push ${ID} docker-archive:/1-image-2.tar:localhost/api:1`,
      'kind load image-archive /1-image-2.tar --name e2e --nodes n1',
    ]);
  });

  it('waits for a node that comes back after its engine, and not for ever', async () => {
    const down = [kindNode('n1'), kindNode('n2', 'e2e', 'worker', 'exited')];
    const world = { engines: { docker: { images: dockerImages, nodes: down } }, nodes: {} };
    expect(await load('kind:e2e', 'docker', world)).toEqual({
      failed: 'not all nodes of the cluster "e2e" are running: n2 is "exited"; start them with docker start',
    });
    expect(waited).toBe(10_000);
  });

  it('says where it looked for a cluster that is not there', async () => {
    const world = { engines: { podman: { images: localImages, nodes: [kindNode('x', 'other')] } }, nodes: {} };
    expect(await load('kind:nope', 'podman', world)).toEqual({
      failed:
        'no node of the kind cluster "nope" was found: podman has only "other"; docker does not answer; expected containers with the label io.x-k8s.kind.cluster=nope',
    });
  });

  it('says that the provider which was asked for has not the nodes', async () => {
    const world = podmanWorld();
    Object.assign(world.engines, { docker: { images: {}, nodes: [] } });
    expect(await load('kind:e2e', 'podman', world, { environment: { KIND_EXPERIMENTAL_PROVIDER: 'docker' } })).toEqual({
      failed:
        'no node of the kind cluster "e2e" was found in docker, which KIND_EXPERIMENTAL_PROVIDER names: podman has its nodes (n1, n2); docker has no cluster; expected containers with the label io.x-k8s.kind.cluster=e2e',
    });
    expect(existsSync(join(folder, '0-image-1.tar'))).toBe(false);
  });

  it('takes the provider that was asked for, where both have a cluster of that name', async () => {
    const world = podmanWorld();
    Object.assign(world.engines, { docker: { images: {}, nodes: [kindNode('d1')] } });
    const environment = { KIND_EXPERIMENTAL_PROVIDER: 'docker' };
    expect(await load('kind:e2e', 'podman', world, { environment })).toEqual({ said: 'loaded into 1 node' });
    expect(nodes()).toEqual({ d1: localImages });
  });

  it('leaves an engine of the run that does not answer to the verdict', async () => {
    expect(await load('kind:e2e', 'podman', { engines: {}, nodes: {} })).toMatchObject({
      failed: { stderr: 'Cannot connect to the podman server\n' },
      dialect: 'cluster',
    });
  });

  it('says that kind is not installed', async () => {
    const by = executables('podman', 'docker');
    expect(await load('kind:e2e', 'podman', podmanWorld(), { by })).toEqual({
      failed: 'kind cannot be started: kind is not installed; install it in an earlier step',
    });
  });
});

describe('loading into a k3d cluster', () => {
  it('streams to all servers and agents, when one of them lacks it', async () => {
    const all = [k3dNode('s', 'server'), k3dNode('a', 'agent'), k3dNode('lb', 'loadbalancer')];
    const world = { engines: { docker: { images: dockerImages, nodes: all } }, nodes: { s: dockerImages } };
    expect(await load('k3d:e2e', 'docker', world, { by: executables('docker', 'k3d') })).toEqual({
      said: 'loaded into 1 of 2 nodes; 1 had it',
    });
    expect(lines()).toContain('k3d image import /0-image-1.tar --cluster e2e --mode direct');
    expect(lines()).toContain(
      'docker --host unix:///docker.sock save --output /0-image-1.tar docker.io/library/api:e2e docker.io/library/api:1',
    );
    expect(calls().find(({ program }) => program === 'k3d')?.env).toEqual({ docker: 'unix:///docker.sock' });
  });
});

describe('loading into a minikube profile', () => {
  let by: HandOffTools;
  beforeEach(() => {
    by = executables('docker', 'minikube');
  });

  const world = (more: object = {}) => ({
    engines: { docker: { images: dockerImages, nodes: [] } },
    nodes: { ci: {} },
    ...more,
  });

  it('asks minikube, loads, and asks again', async () => {
    expect(await load('minikube:ci', 'docker', world(), { by })).toEqual({ said: 'loaded into 1 node' });
    expect(lines()).toEqual([
      'minikube image ls --format json --profile ci',
      'docker --host unix:///docker.sock save --output /0-image-1.tar docker.io/library/api:e2e docker.io/library/api:1',
      'minikube image load /0-image-1.tar --profile ci',
      'minikube image ls --format json --profile ci',
    ]);
  });

  it('loads nothing that is there', async () => {
    expect(await load('minikube:ci', 'docker', world({ nodes: { ci: dockerImages } }), { by })).toEqual({
      said: 'already there, on 1 node',
    });
    expect(lines()).toHaveLength(1);
  });

  it('does not believe a minikube that says it is done', async () => {
    const faults = { 'minikube image load': ['lies'] };
    expect(await load('minikube:ci', 'docker', world({ faults }), { by })).toMatchObject({
      said: `the load was said to be done, and ci has not docker.io/library/api:e2e, docker.io/library/api:1 as ${ID}`,
    });
  });

  it('fails when minikube does', async () => {
    const faults = { 'minikube image ls': ['fails'] };
    expect(await load('minikube:ci', 'docker', world({ faults }), { by })).toMatchObject({
      failed: { stderr: 'minikube: boom\n' },
      dialect: 'cluster',
    });
  });
});
