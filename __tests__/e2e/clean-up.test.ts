import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runAction } from '../../demo/runner.mjs';
import { type Lab, openLab } from '../support/lab.js';
import { privateDocker } from '../support/private-docker.js';
import { localStorage, type PrivateEngine } from '../support/private-engines.js';
import { writeImage } from '../support/workload.js';

let lab: Lab;
let beside: ChildProcess | undefined;
/** Asks a podman that works on the server's storage without the server, as another user of it would. */
function podman(...args: string[]): string {
  const env = { ...process.env, ...lab.server.env };
  return spawnSync('podman', [...lab.server.args, ...args], { env, encoding: 'utf8' }).stdout.trim();
}

const workingContainers = () => podman('ps', '--all', '--external', '--format', '{{.ID}}').split('\n').filter(Boolean);
const dangling = () => podman('images', '--filter', 'dangling=true', '--quiet').split('\n').filter(Boolean);
const temporary = () => readdirSync(join(lab.server.args[1] as string, '..', 'tmp'));
const stepsRunning = () =>
  spawnSync('pgrep', ['-f', `^/bin/busybox sleep ${MARK}`], { encoding: 'utf8' }).stdout.trim();

/** Podman servers of this machine that are not the lab's. */
const otherPodmans = () =>
  spawnSync('pgrep', ['-af', '^podman .*system service'], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter((line) => line !== '' && !line.includes(lab.server.socket)).length;

/** A sleep that only this test's builds do. */
const MARK = '7.31';

/** Kills the server so many milliseconds after the first build was seen, once; it is back half a second later. */
function crashAfter(ms: number): void {
  let planned = false;
  lab.watch((clients) => {
    if (clients === 0 || planned) return;
    planned = true;
    setTimeout(() => lab.kill(500), ms);
  });
}

/** As above, as soon as so many steps run: by then their builds have made the containers that they run in. */
function crashWhenRunning(steps: number, downMs = 500): void {
  let done = false;
  lab.watch(() => {
    if (done || stepsRunning().split('\n').filter(Boolean).length < steps) return;
    done = true;
    lab.kill(downMs);
  });
}

const image = (name: string) =>
  writeImage(lab.workspace, name, [`RUN echo ${name} > /one`, `RUN /bin/busybox sleep ${MARK}; echo ${name} > /two`]);

describe('clean-up after a crash', () => {
  beforeEach(async () => {
    lab = await openLab();
  });
  afterEach(async () => {
    beside?.kill('SIGKILL');
    await lab.close();
  });

  it('ends the orphaned steps and removes working containers, layers and temporary folders', async () => {
    // Where another podman runs that is older, a temporary folder cannot be told from one of its own.
    const othersBuild = otherPodmans() > 0;
    if (othersBuild) console.log('another podman server runs on this machine: temporary folders are not looked at');
    crashAfter(3_000);
    let during: string[] = [];
    let orphans = '';
    lab.watch(() => {
      if (during.length === 0) during = workingContainers();
      orphans ||= stepsRunning();
    });
    // As an argument: with the input, retries go on from what the first attempts had made.
    const run = await lab.run([image('a'), image('b')], { 'extra-args': '--network=none\n--no-cache' });
    expect(during).not.toEqual([]);
    expect(orphans).not.toBe('');
    expect(run.outputs).toMatchObject({ result: 'success', incidents: '1', retries: '2' });
    const cleaned = run.events.flatMap((event) => (event.type === 'cleaned-up' ? [event] : []));
    expect(cleaned.flatMap(({ left }) => left)).toEqual([]);
    const kinds = (which: typeof cleaned) => which.flatMap(({ removed }) => removed.map(({ kind }) => kind)).sort();
    expect(kinds(cleaned.filter(({ incident }) => incident === 1))).toEqual([
      'process',
      'process',
      ...Array(othersBuild ? 0 : 4).fill('temporary-folder'),
      ...Array(6).fill('working-container'),
    ]);
    // The second attempts did not use what the first had made.
    expect(kinds(cleaned.filter(({ incident }) => incident === undefined))).toEqual(Array(4).fill('layer'));
    expect(workingContainers()).toEqual([]);
    expect(dangling()).toEqual([]);
    if (!othersBuild) expect(temporary()).toEqual([]);
    expect(stepsRunning()).toBe('');
    expect(run.summary).toMatch(/Cleaned up: 6 working containers(,| and) 2 orphaned processes/);
  });

  it('removes what the runtime keeps of a step that ended while the server was away', async () => {
    const othersBuild = otherPodmans() > 0;
    if (othersBuild) console.log('another podman server runs on this machine: its builds may need such states');
    // Away for longer than the step takes.
    crashWhenRunning(1, 9_000);
    const namesIn = (folder: string) => (existsSync(folder) ? readdirSync(folder) : []);
    const states = () => ['/run/runc', '/run/crun'].flatMap(namesIn).filter((name) => name.startsWith('buildah-'));
    const before = new Set(states());
    const during = new Set<string>();
    lab.watch(() => {
      for (const name of states()) if (!before.has(name)) during.add(name);
    });
    const run = await lab.run([image('a')]);
    expect(during.size).toBeGreaterThan(0);
    expect(run.outputs).toMatchObject({ result: 'success', incidents: '1', retries: '1' });
    const cleaned = run.events.flatMap((event) => (event.type === 'cleaned-up' ? [event] : []));
    const kept = cleaned.flatMap(({ removed }) => removed.filter(({ kind }) => kind === 'runtime-state'));
    expect(kept).toHaveLength(othersBuild ? 0 : 1);
    if (othersBuild) return;
    expect(states().filter((name) => !before.has(name))).toEqual([]);
    expect(run.summary).toContain("1 ended step's state");
  });

  it('leaves alone what others build and keep on the same storage', async () => {
    let idle = '';
    // The very step that our build dies in: theirs must not be taken for ours.
    const theirs = writeImage(lab.workspace, 'theirs', [`RUN /bin/busybox sleep ${MARK}; echo a > /two`]);
    let said = '';
    crashWhenRunning(2);
    lab.watch((clients) => {
      if (clients === 0 || beside !== undefined) return;
      // A container that no process holds, on the same base as our first step, made while our build runs.
      idle = spawnSync('buildah', [...lab.server.args.slice(0, 4), 'from', 'scratch'], {
        encoding: 'utf8',
      }).stdout.trim();
      const args = ['build', '--network=none', '--tag', 'localhost/theirs:e2e', join(lab.workspace, theirs.context)];
      beside = spawn('podman', [...lab.server.args, ...args], { env: { ...process.env, ...lab.server.env } });
      beside.stderr?.on('data', (data) => {
        said += data;
      });
    });
    const run = await lab.run([image('a')], { 'no-cache': 'true' });
    expect(run.outputs).toMatchObject({ result: 'success', incidents: '1', retries: '1' });
    const code = await new Promise((resolve) => {
      if (beside?.exitCode !== null) resolve(beside?.exitCode);
      beside?.once('exit', resolve);
    });
    expect(`${code} ${said}`).toMatch(/^0 /);
    expect(podman('image', 'exists', 'localhost/theirs:e2e')).toBe('');
    expect(podman('images', '--quiet', 'localhost/theirs:e2e')).not.toBe('');
    expect(idle).not.toBe('');
    expect(podman('ps', '--all', '--external', '--format', '{{.Names}}').split('\n')).toContain(idle);
    const left = run.events.flatMap((event) => (event.type === 'cleaned-up' ? event.left : []));
    expect(left.join('\n')).toMatch(/^\d working containers: a build that still runs may work in it/);
  });

  it('removes nothing with cleanup false', async () => {
    crashAfter(3_000);
    const run = await lab.run([image('a')], { cleanup: 'false' });
    expect(run.outputs).toMatchObject({ result: 'success', incidents: '1' });
    expect(run.events.filter((event) => event.type === 'cleaned-up')).toEqual([]);
    expect(workingContainers()).not.toEqual([]);
  });
});

describe('clean-up without a podman server', () => {
  let folder: string;
  let workspace: string;
  let engine: PrivateEngine | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'e2e-clean-'));
    workspace = join(folder, 'workspace');
    mkdirSync(workspace);
  });
  afterEach(async () => {
    await engine?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function run(using: PrivateEngine, onLine: (line: string) => void) {
    engine = using;
    const slow = writeImage(workspace, 'slow', ['RUN echo 1 > /one', 'RUN /bin/busybox sleep 4']);
    return runAction({
      action: process.cwd(),
      workspace,
      temp: join(folder, 'temp'),
      env: using.env,
      onLine,
      inputs: {
        images: JSON.stringify([slow]),
        'no-cache': 'true',
        'retry-min-timeout': '200ms',
        'retry-max-timeout': '500ms',
        ...using.inputs,
      },
    });
  }

  it.each(['podman', 'buildah'] as const)('removes what a killed %s left', async (name) => {
    const local = localStorage(join(folder, 'engine'), name);
    let killed = false;
    const result = await run(local, (line) => {
      if (killed || !line.startsWith('start: slow')) return;
      killed = true;
      setTimeout(() => {
        const found = spawnSync('pgrep', ['-f', `^${name} build .*${workspace}/slow`], { encoding: 'utf8' }).stdout;
        process.kill(Number(found.trim().split('\n')[0]), 'SIGKILL');
      }, 2_000);
    });
    expect(result.outputs).toMatchObject({ result: 'success', incidents: '1', retries: '1' });
    const ask = (...args: string[]) =>
      spawnSync(name, args, { env: { ...process.env, ...local.env }, encoding: 'utf8' });
    const containers = name === 'podman' ? ask('ps', '--all', '--external', '--quiet') : ask('containers', '--quiet');
    expect(containers.stdout).toBe('');
    // A buildah cannot remove a layer without what it is built on, which may be somebody else's.
    if (name === 'podman') expect(ask('images', '--filter', 'dangling=true', '--quiet').stdout).toBe('');
    expect(result.summary).toMatch(/Cleaned up: 3 working containers(,| and) 1 orphaned process/);
  });

  it('removes what the legacy builder left in a docker that died', async () => {
    const docker = await privateDocker(join(folder, 'engine'), { DOCKER_BUILDKIT: '0' });
    let killed = false;
    const crash = (line: string) => {
      if (killed || !line.startsWith('start: slow')) return;
      killed = true;
      setTimeout(() => {
        docker.signal('SIGKILL');
        setTimeout(() => void docker.start(), 500);
      }, 2_500);
    };
    const result = await run(docker, crash);
    expect(result.outputs).toMatchObject({ result: 'success', incidents: '1', retries: '1' });
    const ask = (...args: string[]) =>
      spawnSync('docker', ['--host', docker.inputs['engine-url'] as string, ...args], { encoding: 'utf8' }).stdout;
    expect(ask('ps', '--all', '--quiet')).toBe('');
    expect(ask('images', '--filter', 'dangling=true', '--quiet')).toBe('');
    expect(result.summary).toMatch(/Cleaned up: 1 working container/);
  });
});
