import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type History, parseHistory } from '../../src/history/history.js';
import type { JournalEvent } from '../../src/journal/events.js';
import { type Run, runBundle } from '../support/bundle-run.js';
import { type CacheService, startCacheService } from '../support/cache-service.js';
import type { PrivateEngine } from '../support/private-engines.js';
import { privatePodman } from '../support/private-podman.js';
import { steps, writeImage } from '../support/workload.js';

/** What a run may take beyond the second that it waits for history, on a busy machine. */
const START_UP_MS = 1_500;

let folder: string;
let engine: PrivateEngine;
let service: CacheService;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'e2e-history-'));
  engine = await privatePodman(join(folder, 'engine'));
  service = await startCacheService();
});
afterAll(async () => {
  await service?.close();
  await engine?.close();
  rmSync(folder, { recursive: true, force: true });
});

let repository: string;
let workspace: string;
let machines = 0;
beforeEach(() => {
  // Entries of one test are nothing to another.
  repository = `org/repository-${Math.round(performance.now())}`;
  workspace = mkdtempSync(join(folder, 'workspace-'));
  service.calls.length = 0;
});
afterEach(() => {
  service.mood = 'well';
});

/** A runner that has nothing of any earlier run. */
function newMachine() {
  machines += 1;
  const root = join(folder, `machine-${machines}`);
  const cache = join(root, 'cache');
  mkdirSync(cache, { recursive: true });
  return { temp: join(root, 'temp'), cache };
}

interface Where {
  machine?: ReturnType<typeof newMachine>;
  env?: Record<string, string>;
  inputs?: Record<string, string>;
  kill?: AbortSignal;
}

function run(images: object[], { machine = newMachine(), env = {}, inputs = {}, kill }: Where = {}): Promise<Run> {
  const github = {
    GITHUB_REPOSITORY: repository,
    GITHUB_WORKFLOW: 'e2e, all',
    GITHUB_RUN_ID: '7',
    GITHUB_RUN_ATTEMPT: '1',
  };
  return runBundle(
    {
      inputs: { ...engine.inputs, 'no-cache': 'true' },
      env: { ...engine.env, ...github, XDG_CACHE_HOME: machine.cache, ...env },
    },
    { workspace, temp: machine.temp },
    images,
    inputs,
    undefined,
    kill,
  );
}

const withService = (more: Where = {}): Where => ({ ...more, env: { ...service.env, ...more.env } });

function image(name: string, seconds = 0.3) {
  rmSync(join(workspace, name), { recursive: true, force: true });
  return writeImage(workspace, name, steps(name, [seconds]));
}

function eventsOf<T extends JournalEvent['type']>({ events }: Run, type: T) {
  return events.filter((event): event is Extract<JournalEvent, { type: T }> => event.type === type);
}

const loadedBy = (result: Run) => eventsOf(result, 'history-loaded')[0];
const startedBy = (result: Run) => eventsOf(result, 'run-started')[0];
const warningsOf = (result: Run) => result.log.split('\n').filter((line) => line.startsWith('::warning'));

/** What is kept on a machine; undefined when nothing is. */
function keptOn({ cache }: { cache: string }): History | undefined {
  const own = join(cache, 'e2e-build-action');
  if (!existsSync(own)) return undefined;
  const files = readdirSync(own, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.json'));
  expect(files).toHaveLength(1);
  return parseHistory(readFileSync(join(own, files[0] as string), 'utf8'));
}

function expectGreen(result: Run) {
  expect(result.log).not.toMatch(/^::error/m);
  expect(result).toMatchObject({ exitCode: 0, postExitCode: 0 });
}

/** An entry's archive as the toolkit makes it on this machine, with a file of this text in it. */
function archiveOf(text: string): Buffer {
  const at = mkdtempSync(join(folder, 'archive-'));
  writeFileSync(join(at, 'history.json'), text);
  const zstd = spawnSync('zstd', ['--version']).error === undefined;
  const { status } = spawnSync('tar', [zstd ? '--zstd' : '--gzip', '-cf', 'archive', 'history.json'], { cwd: at });
  expect(status).toBe(0);
  return readFileSync(join(at, 'archive'));
}

describe('with a cache service, history', () => {
  it('is saved in post, and known to the next run, which has nothing else of it', async () => {
    const images = [image('api'), image('web')];
    const machine = newMachine();
    const first = await run(images, withService({ machine }));
    expectGreen(first);
    expect(warningsOf(first)).toEqual([]);
    expect(loadedBy(first)).toMatchObject({ from: 'cache-service', images: 0, runs: 0 });
    expect(keptOn(machine)).toBeUndefined();
    expect(service.keys().at(-1)).toMatch(
      /^e2e-build-history-1-e2e-all-podman-linux-\w+-\d+cpu-[0-9a-f]{16}-7-1-[0-9a-f]{8}$/,
    );

    const second = await run(images, withService());
    expectGreen(second);
    expect(warningsOf(second)).toEqual([]);
    expect(loadedBy(second)).toMatchObject({ from: 'cache-service', images: 2, runs: 1 });
    expect(second.log).toContain('history: 2 images known from 1 run (cache service)');
    const took = eventsOf(first, 'attempt-ended').map(({ image: name, at }) => {
      const start = eventsOf(first, 'attempt-started').find((event) => event.image === name)?.at ?? 0;
      return [name, at - start];
    });
    const expected = startedBy(second)?.images.map(({ name, expectedMs }) => [name, expectedMs]);
    // It may have come after the builds had begun.
    const late = loadedBy(second)?.expected?.map(({ image: name, ms }) => [name, ms]);
    expect(Object.fromEntries(late ?? expected ?? [])).toEqual(Object.fromEntries(took));
  });

  it('has what several runs taught, those that were killed too', async () => {
    await run([image('api')], withService());
    const machine = newMachine();
    const kill = new AbortController();
    const killed = run([image('web', 0.1), image('slow', 60)], withService({ machine, kill: kill.signal }));
    await untilJournal(machine.temp, /"type":"image-ended","at":\d+,"image":"web"/);
    kill.abort();
    expect(await killed).toMatchObject({ exitCode: null, postExitCode: 0 });
    const third = await run([image('db')], withService());
    // Of the image that was not finished its context is known.
    expect(loadedBy(third)).toMatchObject({ images: 3, runs: 2 });
  });

  it('has neither the token in a log nor in a file', async () => {
    const machine = newMachine();
    const result = await run([image('api')], withService({ machine }));
    expect(result.log).not.toContain(service.token);
    const files = readdirSync(machine.temp, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
    for (const file of files)
      expect(readFileSync(join(file.parentPath, file.name), 'utf8')).not.toContain(service.token);
    // Nor is anything left of what was sent.
    expect(readdirSync(machine.temp).filter((name) => name.includes('history') || name.includes('scratch'))).toEqual(
      [],
    );
  });

  it('holds up the first build for a second at most, and is used when it comes', async () => {
    await run([image('api')], withService());
    service.mood = { slowMs: 4_000 };
    const began = Date.now();
    const result = await run([image('api', 8)], withService());
    expectGreen(result);
    expect(warningsOf(result)).toEqual([]);
    const firstBuild = (eventsOf(result, 'attempt-started')[0]?.at ?? Number.NaN) - began;
    expect(firstBuild).toBeLessThan(1_000 + START_UP_MS);
    expect(startedBy(result)?.images[0]).not.toHaveProperty('expectedMs');
    expect(loadedBy(result)).toMatchObject({
      images: 1,
      runs: 1,
      expected: [{ image: 'api', ms: expect.any(Number) }],
    });
    expect(result.log).toContain('which came after builds had begun');
  });

  it('narrows the lane when it comes late', async () => {
    await run([image('api')], withService());
    const earlier = { id: 'one', at: 1, engine: 'podman/podman-remote', startLane: 4, endLane: 1, durationMs: 1 };
    const crashed = { ...earlier, mode: 'serial', incidents: 2, result: 'success' };
    await service.damage(archiveOf(JSON.stringify({ schema: 1, runs: [crashed], images: [] })));
    service.mood = { slowMs: 2_000 };
    const images = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => image(name, 3));
    const result = await run(images, withService({ inputs: { 'max-parallel': '4' } }));
    expectGreen(result);
    const [changed] = eventsOf(result, 'lane-changed');
    expect(changed).toMatchObject({ from: 4, lane: 2, learnt: true });
    const since = eventsOf(result, 'attempt-started').filter(({ at }) => at > (changed?.at ?? 0));
    expect(since).toHaveLength(4);
    expect(result.log).toMatch(/lane: 4 → 2 \(parallel\), the last run had 2 incidents and ended 1 at a time/);
  });

  it('is not missed by a run that is over before it comes', async () => {
    service.mood = { slowMs: 5_000 };
    const result = await run([image('api')], withService());
    expectGreen(result);
    expect(loadedBy(result)).toBeUndefined();
    expect(warningsOf(result)).toEqual([]);
  });
});

describe('a cache service that', () => {
  it.each<[string, () => Promise<Record<string, string>>, RegExp[]]>([
    [
      'is down',
      async () => ({ ACTIONS_RESULTS_URL: 'http://127.0.0.1:9/' }),
      [/what earlier runs taught is not used: the cache service: .*ECONNREFUSED/, /is not kept: .*ECONNREFUSED/],
    ],
    [
      'answers with errors',
      async () => {
        service.mood = 'broken';
        return {};
      },
      [/what this run taught is not kept: the cache service: no answer within 15 s/],
    ],
    [
      'refuses the token',
      async () => ({ ACTIONS_RUNTIME_TOKEN: 'another' }),
      [/is not used: .*who are you/, /is not kept: .*who are you/],
    ],
    [
      'answers with something else',
      async () => {
        service.mood = 'garbage';
        return {};
      },
      [/what this run taught is not kept: the cache service: no answer within 15 s/],
    ],
    [
      'has a damaged entry',
      async () => {
        await run([image('api')], withService());
        await service.damage(Buffer.from('this is no archive'));
        return {};
      },
      [
        /is not used: the cache service: Failed to restore/,
        /newest entry cannot be read, and is begun anew: Failed to/,
      ],
    ],
    [
      "has somebody else's entry",
      async () => {
        await run([image('api')], withService());
        await service.damage(archiveOf('{"schema":99}'));
        return {};
      },
      [/the cache service's entry is no history of this version/, /the cache service's entry is no history/],
    ],
    [
      'is full',
      async () => {
        service.mood = 'full';
        return {};
      },
      [/what this run taught is not kept: the cache service: .*the cache is full/],
    ],
  ])('%s costs a warning, and nothing else', async (_name, prepare, warnings) => {
    const env = await prepare();
    const result = await run([image('api')], withService({ env }));
    expectGreen(result);
    const seen = warningsOf(result);
    expect(seen).toHaveLength(warnings.length);
    for (const [index, warning] of warnings.entries()) expect(seen[index]).toMatch(warning);
    expect(result.log).not.toContain(service.token);
    expect(result.log).not.toMatch(/[?&]sig=/);
  });

  it.each([
    ["somebody else's", () => archiveOf('{"schema":99}')],
    ['a damaged', () => Buffer.from('this is no archive')],
  ])('has %s entry gets one of ours in its place', async (_name, bytes) => {
    await run([image('api')], withService());
    await service.damage(bytes());
    await run([image('api')], withService());
    expect(loadedBy(await run([image('api', 2)], withService()))).toMatchObject({ images: 1, runs: 1 });
  });
});

describe('without a cache service, history', () => {
  it("is kept in the user's cache folder, and read at once", async () => {
    const machine = newMachine();
    expectGreen(await run([image('api')], { machine }));
    const second = await run([image('api')], { machine });
    expectGreen(second);
    expect(warningsOf(second)).toEqual([]);
    expect(loadedBy(second)).toMatchObject({ from: 'file', images: 1, runs: 1 });
    expect(startedBy(second)?.images[0]?.expectedMs).toBeGreaterThan(300);
    expect(second.log).toContain(`history: 1 image known from 1 run (files in ${machine.cache}/e2e-build-action/`);
    const [api] = keptOn(machine)?.images ?? [];
    expect(api?.builds).toHaveLength(2);
    expect(api?.builds[0]).toMatchObject({
      incidents: 0,
      ms: expect.any(Number),
      contextBytes: expect.any(Number),
      sizeBytes: expect.any(Number),
      steps: [
        { text: 'FROM scratch' },
        { text: 'COPY rootfs/ /' },
        { text: expect.stringMatching(/^RUN .*sleep 0.3/) },
      ],
    });
    expect(service.calls).toEqual([]);
  });

  it('has both of two runs at once', async () => {
    const machine = newMachine();
    const other = { ...newMachine(), cache: machine.cache };
    const [first, second] = await Promise.all([
      run([image('api')], { machine }),
      run([image('web')], { machine: other }),
    ]);
    expectGreen(first);
    expectGreen(second);
    const third = await run([image('db')], { machine });
    expect(loadedBy(third)).toMatchObject({ images: 2, runs: 2 });
    expect(
      keptOn(machine)
        ?.images.map(({ name }) => name)
        .sort(),
    ).toEqual(['api', 'db', 'web']);
  });

  it('of another repository is not used', async () => {
    const machine = newMachine();
    await run([image('api')], { machine });
    const result = await run([image('api')], { machine, env: { GITHUB_REPOSITORY: 'org/other' } });
    expect(loadedBy(result)).toMatchObject({ images: 0, runs: 0 });
  });

  it('that cannot be kept costs a warning, and nothing else', async () => {
    const machine = newMachine();
    writeFileSync(join(machine.cache, 'e2e-build-action'), 'in the way');
    const result = await run([image('api')], { machine });
    expectGreen(result);
    expect(warningsOf(result)).toEqual([
      expect.stringMatching(/cannot be read: .*ENOTDIR/),
      expect.stringMatching(/what this run taught is not kept: .*(ENOTDIR|EEXIST)/),
    ]);
  });
});

describe('the inputs', () => {
  it('cache: off touches neither service nor files', async () => {
    const machine = newMachine();
    const result = await run([image('api')], withService({ machine, inputs: { cache: 'off' } }));
    expectGreen(result);
    expect(service.calls).toEqual([]);
    expect(readdirSync(machine.cache)).toEqual([]);
    expect(loadedBy(result)).toBeUndefined();
    expect(result.log).not.toMatch(/^(?:::warning::)?history|taught/m);
  });

  it('learn: false uses nothing and keeps all the same', async () => {
    const machine = newMachine();
    await run([image('api')], { machine });
    const result = await run([image('api')], { machine, inputs: { learn: 'false' } });
    expectGreen(result);
    expect(loadedBy(result)).toBeUndefined();
    expect(startedBy(result)?.images[0]).not.toHaveProperty('expectedMs');
    expect(keptOn(machine)?.runs).toHaveLength(2);
  });
});

async function untilJournal(temp: string, pattern: RegExp): Promise<void> {
  const journal = () =>
    existsSync(temp)
      ? readdirSync(temp)
          .filter((name) => existsSync(join(temp, name, 'journal.ndjson')))
          .map((name) => readFileSync(join(temp, name, 'journal.ndjson'), 'utf8'))
          .join('')
      : '';
  for (const until = Date.now() + 60_000; Date.now() < until; ) {
    if (pattern.test(journal())) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the journal never told ${pattern}:\n${journal()}`);
}
