import { spawnSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { startPodmanServer } from '../../demo/private-podman.mjs';
import type { HandOff } from '../../src/handoff/hand-off.js';
import type { JournalEvent } from '../../src/journal/events.js';
import { runBundle } from '../support/bundle-run.js';
import { runInProcess } from '../support/in-process-run.js';
import { localStorage } from '../support/private-engines.js';
import { steps, writeImage } from '../support/workload.js';

/** Room for the base of two images, and not for what one of them writes. */
const DISK_MIB = 48;

let folder: string;
let workspace: string;
let disk: string;
let server: Awaited<ReturnType<typeof startPodmanServer>> | undefined;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'e2e-full-'));
  workspace = join(folder, 'workspace');
  disk = join(folder, 'disk');
  for (const path of [workspace, disk]) mkdirSync(path);
  expect(spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m`, 'tmpfs', disk]).status).toBe(0);
  server = await startPodmanServer({ folder: join(disk, 'e') });
});
afterEach(async () => {
  await server?.stop();
  spawnSync('umount', ['-l', disk]);
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the bundle on the server whose disk is small. */
function run(images: object[], inputs: Record<string, string>) {
  if (server === undefined) throw new Error('no server');
  const { url, env } = server;
  const engine = { env, inputs: { engine: 'podman', 'engine-url': url, 'extra-args': '--network=none' } };
  return runBundle(engine, { workspace, temp: join(folder, 'temp') }, images, inputs);
}

it('a full disk is resources-exhausted, with what was free before and after, and is not tried again', async () => {
  const greedy = 'RUN /bin/busybox sleep 2; /bin/busybox dd if=/dev/zero of=/big bs=1M count=100';
  const images = [writeImage(workspace, 'greedy', [greedy]), writeImage(workspace, 'small', steps('small', [0.2]))];
  const { outputs, summary } = await run(images, { 'retry-on': 'engine-crash, registry-flake, storage-contention' });
  expect(JSON.parse(outputs['images'] ?? '{}')).toMatchObject({
    greedy: { attempts: 1, verdict: 'resources-exhausted' },
    small: { attempts: 1, verdict: 'success' },
  });
  expect(outputs).toMatchObject({ incidents: '0', retries: '0', result: 'failure' });
  expect(summary).toMatch(/free where images are stored: \d+ MiB before, \d+ MiB after/);
});

it('with less free than min-free-disk nothing is begun, and the failure has the figures', async () => {
  const images = ['api', 'web', 'db'].map((name) => writeImage(workspace, name, steps(name, [0.2])));
  const { images: outcome, events, summary, log } = await run(images, { 'min-free-disk': '1GiB' });
  for (const name of ['api', 'web', 'db'])
    expect(outcome[name]).toMatchObject({ attempts: 0, verdict: 'resources-exhausted' });
  expect(events.filter(({ type }) => type === 'attempt-started')).toEqual([]);
  const figures = /free where images are stored: \d+ MiB, below min-free-disk of 1024 MiB; nothing else runs/;
  expect(summary).toMatch(figures);
  expect(log).toMatch(figures);
  const took = (events.at(-1)?.at ?? 0) - (events[0]?.at ?? 0);
  expect(took).toBeLessThan(10_000);
});

it('with enough free, min-free-disk changes nothing', async () => {
  const { images, events } = await run([writeImage(workspace, 'api', steps('api', [0.2]))], {
    'min-free-disk': '10MB',
  });
  expect(images['api']).toMatchObject({ attempts: 1, verdict: 'success' });
  expect(events.filter(({ type }) => type === 'warning')).toEqual([]);
});

it('a context that is larger than what is free is warned of, with both figures', async () => {
  const small = (name: string) => writeImage(workspace, name, steps(name, [1]));
  const large = small('large');
  writeFileSync(join(workspace, large.context, '.containerignore'), 'unused\n');
  writeFileSync(join(workspace, large.context, 'unused'), Buffer.alloc(40 * 2 ** 20));
  const { images, events } = await run([small('first'), large], { 'max-parallel': '1' });
  expect(images['large']).toMatchObject({ attempts: 1, verdict: 'success' });
  expect(warningsOf(events)).toEqual([
    expect.stringMatching(/^"large": \d+ MiB are free where images are stored, and its build may need about 126 MiB$/),
  ]);
});

it('an archive that there is no room for is warned of, with both figures, and is resources-exhausted', async () => {
  const engine = localStorage(join(folder, 'engine'), 'podman');
  const large = writeImage(workspace, 'large', ['COPY noise /noise']);
  writeFileSync(join(workspace, large.context, 'noise'), randomFillSync(Buffer.alloc(60 * 2 ** 20)));
  const archive = join(disk, 'archives');
  const at = { workspace, temp: join(folder, 'temp') };
  const { images, events } = await runBundle(engine, at, [large], { archive }).finally(() => engine.close());
  expect(warningsOf(events)).toEqual([
    expect.stringMatching(
      /^"large": \d+ MiB are free in .*\/archives, and its hand-off to archive may need about \d+ MiB$/,
    ),
  ]);
  expect(images['large']).toMatchObject({ attempts: 1, verdict: 'resources-exhausted' });
});

it.each([
  ['waits until pruning has made room, and is built then', 'true', { attempts: 1, result: 'success' }],
  ['fails when nothing is pruned', 'false', { attempts: 0, verdict: { class: 'resources-exhausted' } }],
])('an image that finds too little %s', async (_, prune, second) => {
  if (server === undefined) throw new Error('no server');
  const { url, env } = server;
  const keep: HandOff = { to: 'archive', attempt: async () => ({ said: 'kept' }) };
  const greedy = (name: string) =>
    writeImage(workspace, name, [
      `RUN /bin/busybox dd if=/dev/urandom of=/big bs=1M count=8 && echo ${name} > /own`,
      'CMD ["x"]',
    ]);
  const engine = {
    env,
    inputs: { engine: 'podman', 'engine-url': url, 'extra-args': '--network=none' },
  };
  const events = await runInProcess(
    engine,
    { workspace, report: join(folder, 'report') },
    [greedy('first'), greedy('second')],
    [keep],
    { prune, 'max-parallel': '1', 'min-free-disk': '40MiB' },
  );
  expect(endOf(events, 'first')).toMatchObject({ attempts: 1, result: 'success' });
  expect(endOf(events, 'second')).toMatchObject(second);
  expect(events.some(({ type }) => type === 'layers-removed')).toBe(prune === 'true');
});

const endOf = (events: JournalEvent[], image: string) =>
  events.find((event) => event.type === 'image-ended' && event.image === image);
const warningsOf = (events: JournalEvent[]) =>
  events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
