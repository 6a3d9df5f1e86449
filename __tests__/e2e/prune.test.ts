import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { HandOff } from '../../src/handoff/hand-off.js';
import type { JournalEvent } from '../../src/journal/events.js';
import { runInProcess } from '../support/in-process-run.js';
import { privateDocker } from '../support/private-docker.js';
import { localStorage, type PrivateEngine } from '../support/private-engines.js';
import { privatePodman } from '../support/private-podman.js';
import { steps, writeImage } from '../support/workload.js';

let folder: string;
let workspace: string;
let engine: PrivateEngine | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'e2e-prune-'));
  workspace = join(folder, 'workspace');
  mkdirSync(workspace);
});
afterEach(async () => {
  await engine?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Everything goes to the archive, but for the image of this name. */
const toArchive = (refused?: string): HandOff => ({
  to: 'archive',
  attempt: async ({ name }) => (name === refused ? { failed: 'no room for it' } : { said: 'kept' }),
});

const SHARED = 'RUN echo shared > /shared';
const ENGINES: Record<string, { client: string[]; start(): Promise<PrivateEngine> }> = {
  'podman with a server': {
    client: ['podman', '--remote', '--url'],
    start: () => privatePodman(join(folder, 'engine')),
  },
  'podman without one': { client: ['podman'], start: async () => localStorage(join(folder, 'engine'), 'podman') },
  'docker without buildx': {
    client: ['docker', '--host'],
    start: () => privateDocker(join(folder, 'engine'), { DOCKER_BUILDKIT: '0' }),
  },
};

function asking({ env, inputs }: PrivateEngine, client: string[]) {
  return (...args: string[]) => {
    const words = [...client, ...(inputs['engine-url'] === undefined ? [] : [inputs['engine-url']]), ...args];
    const { status, stdout, stderr } = spawnSync(words[0] as string, words.slice(1), {
      encoding: 'utf8',
      env: { ...process.env, ...env },
    });
    if (status !== 0) throw new Error(`${words.join(' ')}: ${stderr}`);
    return stdout.trim();
  };
}

const removedImages = (events: JournalEvent[]) =>
  events.flatMap((event) => (event.type === 'image-removed' ? [event.image] : [])).sort();
const warnings = (events: JournalEvent[]) =>
  events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));

describe.each(Object.keys(ENGINES))('%s', (name) => {
  const { client, start } = ENGINES[name] as (typeof ENGINES)[string];

  it('loses what was handed over with its layers, and nothing else', async () => {
    engine = await start();
    const ask = asking(engine, client);
    const theirs = writeImage(workspace, 'theirs', [SHARED, 'RUN echo theirs > /own', 'CMD ["x"]']);
    const build = [...['build', '--network=none'], ...(client[0] === 'podman' ? ['--layers'] : [])];
    const context = join(workspace, theirs.context);
    const names = ['--tag', 'localhost/theirs:e2e', '--tag', 'localhost/moved:e2e'];
    ask(...build, ...names, '--file', join(context, 'Containerfile'), context);
    const ids = () => [...new Set(ask('images', '--all', '--quiet', '--no-trunc').split('\n'))].sort();
    const before = ids();
    const own = (image: string) =>
      writeImage(workspace, image, ['RUN echo ours > /ours', `RUN echo ${image} > /own`, 'CMD ["x"]']);
    const events = await runInProcess(
      engine,
      { workspace, report: join(folder, 'report') },
      [own('api'), own('web'), own('moved'), own('kept'), { ...theirs, name: 'same', tags: ['localhost/same:e2e'] }],
      [toArchive('kept')],
      { prune: 'true' },
    );

    expect(removedImages(events)).toEqual(['api', 'moved', 'web']);
    expect(warnings(events)).toEqual(['"same" stays in the engine: it was in the engine before this run']);
    expect(events.find(({ type }) => type === 'layers-removed')).toMatchObject({ layers: expect.any(Number) });
    for (const id of before) expect(ids()).toContain(id);
    for (const [tag, path, text] of [
      ['theirs', '/own', 'theirs'],
      ['theirs', '/shared', 'shared'],
      ['same', '/own', 'theirs'],
      ['kept', '/own', 'kept'],
      ['kept', '/ours', 'ours'],
    ] as const)
      expect(engine.read(`localhost/${tag}:e2e`, path).toString()).toBe(`${text}\n`);
    for (const tag of ['api', 'web', 'moved']) expect(() => ask('inspect', `localhost/${tag}:e2e`)).toThrow();

    // All that is new is the image that nothing has got, and what it is made of.
    const kept = ask('inspect', '--format', '{{.Id}}', 'localhost/kept:e2e').replace(/^sha256:/, '');
    const fresh = ids().filter((id) => !before.includes(id));
    expect(fresh.map((id) => id.replace(/^sha256:/, ''))).toContain(kept);
    expect(fresh.length).toBeLessThanOrEqual(4);
  });

  it('keeps an image that a container uses, and says so', async () => {
    engine = await start();
    const ask = asking(engine, client);
    const use: HandOff = {
      to: 'archive',
      attempt: async () => {
        ask('create', '--network=none', '--name=user', 'localhost/used:e2e', '/bin/true');
        return { said: 'kept' };
      },
    };
    const events = await runInProcess(
      engine,
      { workspace, report: join(folder, 'report') },
      [writeImage(workspace, 'used', ['RUN echo used > /own'])],
      [use],
      { prune: 'true' },
    );
    expect(warnings(events)).toEqual([
      expect.stringMatching(/^"used" could not be removed from the engine: .*in use|using/),
    ]);
    expect(events.filter(({ type }) => type === 'image-ended')).toMatchObject([{ result: 'success' }]);
    expect(ask('inspect', '--format', '{{.State.Status}}', 'user')).toBe('created');
    ask('rm', 'user');
  });
});

it('an image that was built by a retry after a crash is removed too, with its layers', async () => {
  engine = await privatePodman(join(folder, 'engine'));
  const { signal, start } = engine;
  let died = false;
  setTimeout(() => {
    died = signal('SIGKILL');
    void start();
  }, 2_500);
  const events = await runInProcess(
    engine,
    { workspace, report: join(folder, 'report') },
    [writeImage(workspace, 'slow', steps('slow', [0.5, 4, 0.2]))],
    [toArchive()],
    { prune: 'true' },
  );
  expect(died).toBe(true);
  expect(events.filter(({ type }) => type === 'attempt-ended')).toHaveLength(2);
  expect(removedImages(events)).toEqual(['slow']);
  expect(asking(engine, ['podman', '--remote', '--url'])('images', '--all', '--quiet')).toBe('');
});

describe('buildah', () => {
  const ask = (...args: string[]) => asking(engine as PrivateEngine, ['buildah'])(...args);
  const names = () => ask('images', '--all', '--format', '{{.Name}}').split('\n').sort();

  it('loses what was handed over, and keeps what is named', async () => {
    engine = localStorage(join(folder, 'engine'), 'buildah');
    const theirs = writeImage(workspace, 'theirs', [SHARED]);
    ask('build', '--network=none', '--tag', 'localhost/theirs:e2e', join(workspace, theirs.context));
    const events = await runInProcess(
      engine,
      { workspace, report: join(folder, 'report') },
      ['api', 'web'].map((image) => writeImage(workspace, image, [SHARED, `RUN echo ${image} > /own`])),
      [toArchive()],
      { prune: 'true' },
    );
    expect(removedImages(events)).toEqual(['api', 'web']);
    expect(names()).toEqual(['localhost/theirs']);
    expect(engine.read('localhost/theirs:e2e', '/shared').toString()).toBe('shared\n');
  });

  it('removes nothing where nameless images of others could go with it', async () => {
    engine = localStorage(join(folder, 'engine'), 'buildah');
    const theirs = writeImage(workspace, 'theirs', [SHARED]);
    ask('build', '--layers', '--network=none', '--tag', 'localhost/theirs:e2e', join(workspace, theirs.context));
    const before = names();
    const events = await runInProcess(
      engine,
      { workspace, report: join(folder, 'report') },
      [writeImage(workspace, 'api', [SHARED, 'RUN echo api > /own'])],
      [toArchive()],
      { prune: 'true' },
    );
    expect(before).toContain('<none>');
    expect(removedImages(events)).toEqual([]);
    expect(warnings(events)).toEqual([expect.stringContaining('nameless images that were there before this run')]);
    expect(names()).toEqual(expect.arrayContaining([...before, 'localhost/api']));
  });
});
