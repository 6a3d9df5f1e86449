import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hasSkopeo, listOf, namesIn, skopeoConfig } from '../support/archive-folder.js';
import { runBundle, runLoad } from '../support/bundle-run.js';
import { privateDocker } from '../support/private-docker.js';
import { localStorage, type PrivateEngine } from '../support/private-engines.js';
import { privatePodman } from '../support/private-podman.js';
import { processesOf } from '../support/process-table.js';
import { steps, writeImage } from '../support/workload.js';

let folder: string;
let workspace: string;
let archives: string;
const engines: PrivateEngine[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'e2e-archive-'));
  workspace = join(folder, 'workspace');
  archives = join(workspace, 'out');
  mkdirSync(workspace);
});
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

const at = () => ({ workspace, temp: join(folder, 'temp') });
const started = <E extends PrivateEngine>(engine: E): E => {
  engines.push(engine);
  return engine;
};
const image = (name: string) => writeImage(workspace, name, steps(name, [0]));
const build = (engine: PrivateEngine, images: object[], inputs: Record<string, string> = {}) =>
  runBundle(engine, at(), images, { archive: 'out', ...inputs });
/** What the action that loads has no input for is left out. */
const load = (engine: PrivateEngine, inputs: Record<string, string> = {}) => {
  const { 'extra-args': _, ...own } = engine.inputs;
  return runLoad({ env: engine.env, inputs: own }, at(), { path: 'out', ...inputs });
};

/** An image of so many megabytes that nothing makes smaller, so that saving and loading it takes a while. */
function large(name: string, megabytes: number) {
  const made = writeImage(workspace, name, ['COPY data /data']);
  writeFileSync(join(workspace, name, 'data'), randomBytes(megabytes * 1024 * 1024));
  return made;
}

/** Kills the server as soon as a client's command of this name has run so long, and starts it again. */
function killIn(engine: PrivateEngine, command: string, afterMs = 60): () => boolean {
  let killed = false;
  const watch = setInterval(() => {
    const running = processesOf(command, (words) => words.some((word) => word.includes(engine.socket as string)));
    if (killed || running.length === 0) return;
    killed = true;
    clearInterval(watch);
    setTimeout(() => {
      engine.signal('SIGKILL');
      setTimeout(() => void engine.start(), 300);
    }, afterMs);
  }, 5);
  return () => {
    clearInterval(watch);
    return killed;
  };
}

const ENGINES = {
  'podman with a server': (name: string) => privatePodman(join(folder, name)),
  'podman without a server': async (name: string) => localStorage(join(folder, name), 'podman'),
  buildah: async (name: string) => localStorage(join(folder, name), 'buildah'),
  'docker without buildx': (name: string) => privateDocker(join(folder, name), { DOCKER_BUILDKIT: '0' }),
};

describe.each(Object.entries(ENGINES))('archives of %s', (_name, start) => {
  it.each([
    { 'archive-format': 'docker', 'archive-compression': 'none', 'archive-layout': 'per-image' },
    { 'archive-format': 'oci', 'archive-compression': 'none', 'archive-layout': 'per-image' },
    { 'archive-format': 'oci', 'archive-compression': 'zstd', 'archive-layout': 'single' },
  ])('are loaded into an engine that has none of it, as the same images: %j', async (inputs) => {
    const one = { ...image('one'), tags: ['one:e2e', 'localhost:5000/team/one:other'] };
    const built = await build(started(await start('first')), [one, image('two')], inputs);
    expect(built.log).not.toContain('::error');
    const list = listOf(archives);
    expect(Object.keys(list).sort()).toEqual(['one', 'two']);
    expect(list['one']?.id).toBe(built.images['one']?.id);

    const other = started(await start('second'));
    const loaded = await load(other);
    expect(loaded.log).not.toContain('::error');
    expect(loaded.outputs).toMatchObject({ result: 'success', incidents: '0', retries: '0' });
    expect(loaded.images['one']?.id).toBe(built.images['one']?.id);
    expect(loaded.images['two']?.id).toBe(built.images['two']?.id);
    for (const tag of list['one']?.tags ?? []) expect(String(other.read(tag, '/step0'))).toBe('one\n');
    expect(loaded.summary).toContain('2 images loaded');
  });
});

describe('a server that dies', () => {
  it('in mid-save leaves no partial file, and the retried archive is whole', async () => {
    const podman = started(await privatePodman(join(folder, 'first')));
    const wasKilled = killIn(podman, 'save');
    const built = await build(podman, [large('big', 120)]);
    expect(wasKilled()).toBe(true);
    expect(built.outputs).toMatchObject({ result: 'success', incidents: '1' });
    const ends = built.events.filter((event) => event.type === 'hand-off-ended');
    expect(ends).toMatchObject([
      { attempt: 1, verdict: { class: 'engine-crash' }, incident: 1 },
      { attempt: 2, said: 'written to big.tar' },
    ]);
    expect(namesIn(archives)).toEqual(['big.tar', 'images.json']);

    const other = started(await privatePodman(join(folder, 'second')));
    const loaded = await load(other);
    expect(loaded.images['big']?.id).toBe(built.images['big']?.id);
    const content = readFileSync(join(workspace, 'big', 'data'));
    expect(other.read('localhost/big:e2e', '/data').equals(content)).toBe(true);
  });

  it.each([
    ['podman', () => privatePodman(join(folder, 'second'))],
    ['docker', () => privateDocker(join(folder, 'second'), { DOCKER_BUILDKIT: '0' })],
  ])('in mid-load is waited for, and what it did not finish is loaded again: %s', async (_name, start) => {
    const built = await build(started(localStorage(join(folder, 'first'), 'podman')), [large('big', 120)]);
    const other = started(await start());
    const wasKilled = killIn(other, 'load', 100);
    const loaded = await load(other);
    expect(wasKilled()).toBe(true);
    expect(loaded.outputs).toMatchObject({ result: 'success', incidents: '1', retries: '1' });
    expect(loaded.images['big']).toMatchObject({ id: built.images['big']?.id, attempts: 2 });
  });
});

describe('the folder of archives', () => {
  it('has an archive replaced whole: whoever reads the old one goes on to do so', async () => {
    const podman = started(localStorage(join(folder, 'engine'), 'podman'));
    mkdirSync(archives);
    writeFileSync(join(archives, 'one.tar'), 'old');
    const reader = openSync(join(archives, 'one.tar'), 'r');
    await build(podman, [image('one')]);
    expect(String(readFileSync(reader))).toBe('old');
    expect(fstatSync(reader).nlink).toBe(0);
    closeSync(reader);
    expect(namesIn(archives)).toEqual(['images.json', 'one.tar']);
    expect(listOf(archives)['one']?.bytes).toBe(readFileSync(join(archives, 'one.tar')).length);
  });

  it('keeps the old archive of an image that is not built, and no longer lists it', async () => {
    const podman = started(localStorage(join(folder, 'engine'), 'podman'));
    mkdirSync(archives);
    writeFileSync(join(archives, 'broken.tar'), 'old');
    const run = await build(podman, [image('one'), writeImage(workspace, 'broken', ['RUN exit 3'])]);
    expect(run.outputs).toMatchObject({ result: 'failure' });
    expect(Object.keys(listOf(archives))).toEqual(['one']);
    expect(readFileSync(join(archives, 'broken.tar'), 'utf8')).toBe('old');
  });

  it('is refused as a whole, before anything is loaded, when an archive was tampered with', async () => {
    const podman = started(localStorage(join(folder, 'engine'), 'podman'));
    await build(podman, [image('one'), image('two')]);
    const path = join(archives, 'two.tar');
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
    writeFileSync(path, bytes);
    const loaded = await load(started(localStorage(join(folder, 'other'), 'podman')));
    expect(loaded.exitCode).toBe(1);
    expect(loaded.log).toMatch(/::error::.*two\.tar: seen "sha256:[0-9a-f]{64}", expected sha256:[0-9a-f]{64}/);
    expect(loaded.events).toEqual([]);
  });

  it('of somebody else is loaded with a warning, and images can be chosen by patterns', async () => {
    const podman = started(localStorage(join(folder, 'engine'), 'podman'));
    const built = await build(podman, [image('web-a'), image('web-b'), image('db')], {
      'archive-layout': 'single',
      'archive-compression': 'zstd',
    });
    const other = started(localStorage(join(folder, 'other'), 'podman'));
    const chosen = await load(other, { images: 'web-*' });
    expect(Object.keys(chosen.images).sort()).toEqual(['web-a', 'web-b']);

    rmSync(join(archives, 'images.json'));
    const all = await load(other);
    expect(all.outputs['result']).toBe('success');
    expect(all.images['localhost/db:e2e']?.id).toBe(built.images['db']?.id);
    expect(all.log).toMatch(/::warning::.*has no images\.json/);
  });

  it('keeps nothing of a run that is killed in mid-save', async () => {
    const podman = started(await privatePodman(join(folder, 'engine')));
    const kill = new AbortController();
    const watch = setInterval(() => {
      const parts = (() => {
        try {
          return namesIn(archives).filter((name) => name.endsWith('.part'));
        } catch {
          return [];
        }
      })();
      if (parts.length > 0) kill.abort();
    }, 2);
    const run = await runBundle(podman, at(), [large('big', 200)], { archive: 'out' }, undefined, kill.signal);
    clearInterval(watch);
    expect(kill.signal.aborted).toBe(true);
    expect(run.exitCode).toBeNull();
    expect(namesIn(archives)).toEqual([]);
  });
});

const skopeo = hasSkopeo();
if (!skopeo) console.log('skipped: skopeo is not installed (apt-get install --no-install-recommends skopeo)');
(skopeo ? describe : describe.skip)('skopeo', () => {
  it.each([
    ['docker', 'none', 'docker-archive', 'one.tar'],
    ['docker', 'zstd', 'docker-archive', 'one.tar.zst'],
    ['oci', 'none', 'oci-archive', 'one.tar'],
    ['oci', 'zstd', 'oci-archive', 'one.tar.zst'],
  ])('finds the image that was built in an archive of format %s with compression %s', async (...of) => {
    const [format, compression, transport, file] = of;
    const podman = started(localStorage(join(folder, 'engine'), 'podman'));
    const inputs = { 'archive-format': format, 'archive-compression': compression };
    const built = await build(podman, [image('one')], inputs);
    expect(skopeoConfig(`${transport}:${join(archives, file)}`)).toBe(built.images['one']?.id);
  });

  it('finds each image in one archive for all, in which shared layers are stored once', async () => {
    const podman = started(localStorage(join(folder, 'engine'), 'podman'));
    const images = ['a', 'b', 'c'].map((name) => image(name));
    await build(podman, images);
    const sizes = Object.values(listOf(archives)).map(({ bytes }) => bytes);
    for (const format of ['docker', 'oci']) {
      const again = await build(podman, images, { 'archive-layout': 'single', 'archive-format': format });
      const path = join(archives, 'images.tar');
      for (const name of ['a', 'b', 'c']) {
        const found = skopeoConfig(`${format}-archive:${path}:localhost/${name}:e2e`);
        expect(found).toBe(again.images[name]?.id);
      }
      // Each holds busybox, of two megabytes; all together hold it once.
      const { bytes = 0 } = listOf(archives)['a'] ?? {};
      expect(bytes).toBeLessThan(0.4 * sizes.reduce((sum, size) => sum + size, 0));
    }
  });
});
