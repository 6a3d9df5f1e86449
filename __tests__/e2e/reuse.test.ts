import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { JournalEvent } from '../../src/journal/events.js';
import { type Run, runBundle } from '../support/bundle-run.js';
import { privateDocker } from '../support/private-docker.js';
import { clientWords, localStorage, type PrivateEngine } from '../support/private-engines.js';
import { privatePodman } from '../support/private-podman.js';
import { writeImage } from '../support/workload.js';

type Open = (folder: string) => PrivateEngine | Promise<PrivateEngine>;
const ENGINES: [string, Open][] = [
  ['a podman server', privatePodman],
  ['podman without a server', (folder) => localStorage(folder, 'podman')],
  ['buildah', (folder) => localStorage(folder, 'buildah')],
  ["docker's legacy builder", (folder) => privateDocker(folder, { DOCKER_BUILDKIT: '0' })],
];

describe.each(ENGINES)('with cache: images, on %s', (_, open) => {
  let folder: string;
  let engine: PrivateEngine;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'e2e-reuse-'));
    engine = await open(join(folder, 'engine'));
  });
  afterAll(async () => {
    await engine?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  let workspace: string;
  let cache: string;
  let images: { name: string; context: string; tags: string[] }[];
  let tests = 0;
  beforeEach(() => {
    tests += 1;
    workspace = mkdtempSync(join(folder, 'workspace-'));
    cache = join(workspace, '..', `cache-${tests}`);
    const image = (name: string) => writeImage(workspace, `${name}${tests}`, [`RUN echo ${name}${tests} > /name`]);
    const [base, api, web] = [image('base'), image('api'), image('web')];
    const child = `child${tests}`;
    mkdirSync(join(workspace, child));
    writeFileSync(join(workspace, child, 'Containerfile'), `FROM ${base.tags[0]}\nRUN echo ${child} > /name\n`);
    images = [base, api, web, { name: child, context: child, tags: [`localhost/${child}:e2e`] }];
  });

  const run = (inputs: Record<string, string> = {}): Promise<Run> =>
    runBundle(
      { inputs: { ...engine.inputs, cache: 'images' }, env: { ...engine.env, XDG_CACHE_HOME: cache } },
      { workspace, temp: join(workspace, '..', 'temp') },
      images,
      inputs,
    );
  const client = (...args: string[]) => {
    const [file = '', ...words] = clientWords(engine);
    const env = { ...process.env, ...engine.env };
    const { status, stdout, stderr } = spawnSync(file, [...words, ...args], { encoding: 'utf8', env });
    expect({ args, status, stderr }).toMatchObject({ status: 0 });
    return stdout.trim();
  };
  const idOf = ({ images: built }: Run, name: string) => built[`${name}${tests}`]?.id as string;
  const named = (events: JournalEvent[], type: 'image-restored' | 'attempt-started') =>
    events.flatMap((event) => (event.type === type ? event.image.replace(/\d+$/, '') : [])).sort();
  const restored = ({ events }: Run) => named(events, 'image-restored');
  const built = ({ events }: Run) => named(events, 'attempt-started');
  const expectGreen = (result: Run) => {
    expect(result.log).not.toMatch(/^::error/m);
    expect(result).toMatchObject({ exitCode: 0, postExitCode: 0 });
  };
  const ALL = ['api', 'base', 'child', 'web'];

  it('a second run restores all without a build, whatever the times of files, hands them over, and says so', async () => {
    const first = await run();
    expectGreen(first);
    expect(built(first)).toEqual(ALL);
    utimesSync(join(workspace, `api${tests}`, 'rootfs', 'bin', 'busybox'), 1, 1);

    const second = await run({ archive: 'archives' });
    expectGreen(second);
    expect([built(second), restored(second)]).toEqual([[], ALL]);
    for (const name of ALL) {
      expect(second.images[`${name}${tests}`]).toMatchObject({
        id: idOf(first, name),
        attempts: 0,
        verdict: 'success',
      });
      expect(second.log).toContain(`restored: ${name}${tests}: ${idOf(first, name)} is in the engine`);
    }
    expect(second.summary).toMatch(new RegExp(`api${tests}.*\\| success \\| *restored \\|`));
    const archived = JSON.parse(readFileSync(join(workspace, 'archives', 'images.json'), 'utf8'));
    expect(archived.images).toHaveLength(ALL.length);
    const report = JSON.parse(readFileSync(join(second.outputs['report'] as string, 'report.json'), 'utf8'));
    expect(report.images[0]).toMatchObject({ restored: { from: 'engine' }, attempts: [] });
  });

  it('a change builds that image alone, or with those on it whose base changed', async () => {
    expectGreen(await run());
    writeFileSync(join(workspace, `api${tests}`, 'rootfs', 'new'), 'new');
    const second = await run();
    expectGreen(second);
    expect([built(second), restored(second)]).toEqual([['api'], ['base', 'child', 'web']]);

    appendFileSync(join(workspace, `base${tests}`, 'Containerfile'), 'RUN echo more > /more\n');
    const third = await run();
    expectGreen(third);
    expect([built(third), restored(third)]).toEqual([
      ['base', 'child'],
      ['api', 'web'],
    ]);
  });

  it('an image that is gone is built, and one whose tag somebody moved gets it back', async () => {
    const first = await run();
    expectGreen(first);
    client('rmi', `localhost/web${tests}:e2e`);
    client('tag', idOf(first, 'base').replace('sha256:', ''), `localhost/api${tests}:e2e`);
    const second = await run();
    expectGreen(second);
    expect([built(second), restored(second)]).toEqual([['web'], ['api', 'base', 'child']]);
    expect(engine.read(`localhost/api${tests}:e2e`, '/name').toString()).toBe(`api${tests}\n`);
  });

  it('no-cache builds all, and is the reason that is given', async () => {
    expectGreen(await run());
    const second = await run({ 'no-cache': 'true' });
    expectGreen(second);
    expect([built(second), restored(second)]).toEqual([ALL, []]);
    expect(second.log).toContain(`not restored: api${tests}: no-cache`);
  });
});
