import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { JournalEvent } from '../../src/journal/events.js';
import { type Run, runBundle } from '../support/bundle-run.js';
import { type CacheService, startCacheService } from '../support/cache-service.js';
import { privateDocker } from '../support/private-docker.js';
import { clientWords, localStorage, type PrivateEngine } from '../support/private-engines.js';
import { privatePodman } from '../support/private-podman.js';
import { processesOf } from '../support/process-table.js';
import { startRegistry } from '../support/registry.js';
import { writeImage } from '../support/workload.js';

type Open = (folder: string) => PrivateEngine | Promise<PrivateEngine>;
const ENGINES: Record<string, Open> = {
  'a podman server': privatePodman,
  'podman without a server': (folder) => localStorage(folder, 'podman'),
  buildah: (folder) => localStorage(folder, 'buildah'),
  "docker's legacy builder": (folder) => privateDocker(folder, { DOCKER_BUILDKIT: '0' }),
};

let folder: string;
let engine: PrivateEngine;
let service: CacheService;
let workspace: string;
let tests = 0;
let images: { name: string; context: string; tags: string[] }[];

beforeAll(async () => {
  service = await startCacheService();
});
afterAll(() => service?.close());
afterEach(() => {
  service.mood = 'well';
});

async function open(name: string): Promise<void> {
  folder = mkdtempSync(join(tmpdir(), 'e2e-cached-'));
  engine = await (ENGINES[name] as Open)(join(folder, 'engine'));
}
async function close(): Promise<void> {
  await engine?.close();
  rmSync(folder, { recursive: true, force: true });
}
function newImages(): void {
  tests += 1;
  workspace = mkdtempSync(join(folder, 'workspace-'));
  const image = (name: string) => writeImage(workspace, `${name}${tests}`, [`RUN echo ${name}${tests} > /name`]);
  const [base, api] = [image('base'), image('api')];
  const child = `child${tests}`;
  mkdirSync(join(workspace, child));
  writeFileSync(join(workspace, child, 'Containerfile'), `FROM ${base.tags[0]}\nRUN echo ${child} > /name\n`);
  images = [base, api, { name: child, context: child, tags: [`localhost/${child}:e2e`] }];
}

function tryClient(...args: string[]) {
  const [file = '', ...words] = clientWords(engine);
  const env = { ...process.env, ...engine.env };
  return spawnSync(file, [...words, ...args], { encoding: 'utf8', env });
}

function client(...args: string[]): string {
  const { status, stdout, stderr } = tryClient(...args);
  expect({ args, status, stderr }).toMatchObject({ status: 0 });
  return stdout.trim();
}

const listed = () => client('images', '--quiet').split('\n').filter(Boolean);
/** Nothing is left of any run, as on a runner that is fresh. */
function forgetImages(): void {
  // One that others are built on goes after them.
  for (let round = 1; round <= 5 && listed().length > 0; round += 1)
    for (const id of new Set(listed())) tryClient('rmi', '--force', id);
  expect(listed()).toEqual([]);
}

/** A run on a machine that knows of no run before. */
function run(
  inputs: Record<string, string> = {},
  env: Record<string, string> = {},
  cancel?: AbortSignal,
): Promise<Run> {
  const cache = mkdtempSync(join(folder, 'cache-'));
  return runBundle(
    {
      inputs: { ...engine.inputs, cache: 'images' },
      env: { ...engine.env, ...service.env, XDG_CACHE_HOME: cache, GITHUB_REPOSITORY: `org/repo-${tests}`, ...env },
    },
    { workspace, temp: join(workspace, '..', 'temp') },
    images,
    inputs,
    cancel,
  );
}

const scratchFolders = () =>
  readdirSync(join(workspace, '..', 'temp')).filter((entry) => /scratch|history/.test(entry));

const idOf = ({ images: all }: Run, name: string) => all[`${name}${tests}`]?.id as string;
const named = (events: JournalEvent[], type: 'image-restored' | 'attempt-started') =>
  events.flatMap((event) => (event.type === type ? event.image.replace(/\d+$/, '') : [])).sort();
const restored = ({ events }: Run) => named(events, 'image-restored');
const built = ({ events }: Run) => named(events, 'attempt-started');
const warningsOf = (result: Run) => result.log.split('\n').filter((line) => line.startsWith('::warning'));
const expectGreen = (result: Run) => {
  expect(result.log).not.toMatch(/^::error/m);
  expect(result).toMatchObject({ exitCode: 0, postExitCode: 0 });
};
const ALL = ['api', 'base', 'child'];

describe.each(Object.keys(ENGINES))('images in the cache service, on %s', (name) => {
  beforeAll(() => open(name));
  afterAll(close);
  beforeEach(newImages);

  it('are restored by a fresh machine without a build, with their ids, and handed over', async () => {
    const first = await run();
    expectGreen(first);
    expect([built(first), warningsOf(first)]).toEqual([ALL, []]);
    for (const image of ALL)
      expect(first.log).toMatch(new RegExp(`images: ${image}${tests} is kept for later runs \\(`));
    forgetImages();

    const second = await run({ archive: 'archives' });
    expectGreen(second);
    expect([built(second), restored(second), warningsOf(second)]).toEqual([[], ALL, []]);
    for (const image of ALL)
      expect(second.images[`${image}${tests}`]).toMatchObject({ id: idOf(first, image), attempts: 0 });
    expect(engine.read(`localhost/child${tests}:e2e`, '/name').toString()).toBe(`child${tests}\n`);
    expect(second.log).toMatch(
      new RegExp(`restored: api${tests}: sha256:\\w+ is in the engine from the cache service \\(`),
    );
    expect(JSON.parse(readFileSync(join(workspace, 'archives', 'images.json'), 'utf8')).images).toHaveLength(
      ALL.length,
    );
    const report = JSON.parse(readFileSync(join(second.outputs['report'] as string, 'report.json'), 'utf8'));
    expect(report.images[0].restored).toMatchObject({ from: 'cache-service', archiveBytes: expect.any(Number) });
    // What was brought is gone, and nothing was sent again.
    expect(scratchFolders()).toEqual([]);
    expect(second.log).not.toContain('is kept for later runs');
  });

  it('are built where something changed, and kept anew', async () => {
    expectGreen(await run());
    forgetImages();
    writeFileSync(join(workspace, `api${tests}`, 'rootfs', 'new'), 'new');
    const second = await run();
    expectGreen(second);
    expect([built(second), restored(second)]).toEqual([['api'], ['base', 'child']]);
    expect(second.log.match(/is kept for later runs/g)).toHaveLength(1);
  });
});

describe('images in the cache service', () => {
  beforeAll(() => open('a podman server'));
  afterAll(close);
  beforeEach(newImages);

  it.each<[string, () => Record<string, string>, RegExp[]]>([
    [
      'are built where the service is down, which costs a warning',
      () => ({ ACTIONS_RESULTS_URL: 'http://127.0.0.1:9/' }),
      [
        /no image is restored from the cache service any more: .*ECONNREFUSED/,
        /is not kept, or not all of it: .*ECONNREFUSED/,
      ],
    ],
    [
      'are not kept where it is full, which costs a warning',
      () => {
        service.mood = 'full';
        return {};
      },
      [/is not kept, or not all of it: the cache service: .*the cache is full/],
    ],
  ])('%s', async (_name, prepare, warnings) => {
    const result = await run({}, prepare());
    expectGreen(result);
    expect(built(result)).toEqual(ALL);
    // Those of the history are another matter.
    const seen = warningsOf(result).filter((line) => !line.includes('taught'));
    expect(seen).toHaveLength(warnings.length);
    for (const [index, warning] of warnings.entries()) expect(seen[index]).toMatch(warning);
  });

  /** Puts an archive with this image in it, and what is remembered of the run's, in the place of the newest entry. */
  async function putIntoEntry(reference: string, { events }: Run): Promise<void> {
    const at = mkdtempSync(join(folder, 'foreign-'));
    client('save', '--quiet', '--output', join(at, 'image.tar'), reference);
    const remembered = events.find((event) => event.type === 'image-remembered');
    writeFileSync(join(at, 'image.json'), JSON.stringify(remembered?.type === 'image-remembered' && remembered.kept));
    const zstd = spawnSync('zstd', ['--version']).error === undefined;
    const words = [zstd ? '--zstd' : '--gzip', '-cf', 'archive', 'image.json', 'image.tar'];
    expect(spawnSync('tar', words, { cwd: at }).status).toBe(0);
    await service.damage(readFileSync(join(at, 'archive')), 'e2e-build-image-');
    forgetImages();
  }

  it('bring no tag that nobody asked for', async () => {
    images = images.slice(1, 2);
    const first = await run();
    client('tag', idOf(first, 'api').replace('sha256:', ''), 'localhost/not-asked-for:e2e');
    await putIntoEntry('localhost/not-asked-for:e2e', first);
    const second = await run();
    expectGreen(second);
    expect([built(second), restored(second)]).toEqual([[], ['api']]);
    expect(client('images', '--format', '{{.Repository}}')).toBe(`localhost/api${tests}`);
  });

  it('are built where an entry holds another image, and kept anew', async () => {
    const [other, image] = images as [(typeof images)[number], (typeof images)[number]];
    images = [image];
    const first = await run();
    client('build', '--network=none', '--tag', 'localhost/other:e2e', join(workspace, other.context));
    await putIntoEntry('localhost/other:e2e', first);
    const second = await run();
    expectGreen(second);
    expect([built(second), restored(second)]).toEqual([['api'], []]);
    expect(second.log).toContain('its archive holds something else');
    expect(client('images', '--format', '{{.Repository}}')).not.toContain('other');
    forgetImages();
    expect(restored(await run())).toEqual(['api']);
  });

  const turns = (mood: CacheService['mood']) => async () => {
    service.mood = mood;
  };
  it.each<[string, () => Promise<void>]>([
    ['answers with errors', turns('broken')],
    ['answers with something else', turns('garbage')],
    ['has a damaged archive', () => service.damage(Buffer.from('this is no archive'), 'e2e-build-image-')],
  ])('are built where the service %s, soon', async (_name, prepare) => {
    images = images.slice(1, 2);
    expectGreen(await run());
    forgetImages();
    await prepare();
    const began = Date.now();
    const second = await run();
    expectGreen(second);
    expect([built(second), restored(second)]).toEqual([['api'], []]);
    expect(second.log).toMatch(/not restored: api\d+: /);
    const [start] = second.events.flatMap((event) => (event.type === 'attempt-started' ? [event.at] : []));
    expect(((start ?? Number.NaN) - began) / 1000).toBeLessThan(15);
    expect(scratchFolders()).toEqual([]);
  });

  it('hold up nothing of a run that fails while the service is slow', async () => {
    service.mood = { slowMs: 60_000 };
    const [base, ...others] = images as [(typeof images)[number]];
    writeFileSync(join(workspace, base.context, 'Containerfile'), 'FROM scratch\nCOPY missing /\n');
    // It is built in any case, and so not waited for.
    images = [{ ...base, ...{ 'no-cache': true } }, ...others];
    const began = Date.now();
    const result = await run({ 'fail-fast': 'true' });
    expect(result.outputs['result']).toBe('failure');
    expect(built(result)).toEqual(['base']);
    expect((result.endedAt - began) / 1000).toBeLessThan(8);
    expect(scratchFolders()).toEqual([]);
  });

  it('are brought no more when the run is cancelled, and nothing of them is left', async () => {
    expectGreen(await run());
    forgetImages();
    service.mood = { slowMs: 60_000 };
    const cancel = new AbortController();
    const began = Date.now();
    setTimeout(() => cancel.abort(), 3_000);
    const result = await run({}, {}, cancel.signal);
    expect(result.outputs['result']).toBe('cancelled');
    expect([built(result), restored(result)]).toEqual([[], []]);
    expect((result.endedAt - began) / 1000).toBeLessThan(8);
    expect(result.log).not.toContain('is kept for later runs');
    expect(scratchFolders()).toEqual([]);
    expect(spawnSync('pgrep', ['-f', `cache-service.*${folder}`], { encoding: 'utf8' }).stdout).toBe('');
  });

  it('are built where the engine dies of loading them', async () => {
    images = images.slice(1, 2);
    expectGreen(await run());
    forgetImages();
    const url = engine.inputs['engine-url'] as string;
    let deaths = 0;
    const watch = setInterval(() => {
      if (deaths > 0 || processesOf('load', (words) => words.includes(url)).length === 0) return;
      deaths += 1;
      engine.signal('SIGKILL');
      // A client makes its request again by itself for a second.
      setTimeout(() => void engine.start(), 1_500);
    }, 1);
    const second = await run().finally(() => clearInterval(watch));
    expect(deaths).toBe(1);
    expectGreen(second);
    // Its build waits until the engine is back, and has one attempt.
    expect([built(second), restored(second)]).toEqual([['api'], []]);
    expect(second.log).toMatch(/not restored: api\d+: its archive could not be loaded: /);
    expect(engine.read(`localhost/api${tests}:e2e`, '/name').toString()).toBe(`api${tests}\n`);
  });
});

describe('images on a base from a registry', () => {
  beforeAll(() => open('buildah'));
  afterAll(close);
  beforeEach(newImages);

  it('are restored on a machine that has to fetch the base to know it, and built on a new one', async () => {
    const registry = await startRegistry(join(folder, 'registry'));
    try {
      const conf = join(folder, 'registries.conf');
      writeFileSync(conf, `[[registry]]\nlocation = "${registry.address}"\ninsecure = true\n`);
      const base = `${registry.address}/base:1`;
      const publish = (text: string) => {
        writeFileSync(join(workspace, `base${tests}`, 'rootfs', 'text'), text);
        client('build', '--network=none', '--tag', base, join(workspace, `base${tests}`));
        client('push', '--tls-verify=false', base);
        forgetImages();
      };
      publish('one');
      const child = images[2] as (typeof images)[number];
      writeFileSync(join(workspace, child.context, 'Containerfile'), `FROM ${base}\nRUN echo x > /name\n`);
      images = [child];
      const env = { CONTAINERS_REGISTRIES_CONF: conf };
      expect(built(await run({}, env))).toEqual(['child']);
      forgetImages();
      const second = await run({}, env);
      expectGreen(second);
      expect([built(second), restored(second)]).toEqual([[], ['child']]);
      forgetImages();
      publish('two');
      const third = await run({}, env);
      expect([built(third), restored(third)]).toEqual([['child'], []]);
    } finally {
      await registry.close();
    }
  });
});
