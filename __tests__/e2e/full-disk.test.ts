import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { startPodmanServer } from '../../demo/private-podman.mjs';
import { runAction } from '../../demo/runner.mjs';
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

it('a full disk is resources-exhausted, with what was free before and after, and is not tried again', async () => {
  if (server === undefined) throw new Error('no server');
  const greedy = 'RUN /bin/busybox sleep 2; /bin/busybox dd if=/dev/zero of=/big bs=1M count=100';
  const images = [writeImage(workspace, 'greedy', [greedy]), writeImage(workspace, 'small', steps('small', [0.2]))];
  const run = await runAction({
    action: process.cwd(),
    workspace,
    temp: join(folder, 'temp'),
    env: server.env,
    inputs: {
      images: JSON.stringify(images),
      engine: 'podman',
      'engine-url': server.url,
      'extra-args': '--network=none',
      'retry-on': 'engine-crash, registry-flake, storage-contention',
    },
  });
  expect(JSON.parse(run.outputs['images'] ?? '{}')).toMatchObject({
    greedy: { attempts: 1, verdict: 'resources-exhausted' },
    small: { attempts: 1, verdict: 'success' },
  });
  expect(run.outputs).toMatchObject({ incidents: '0', retries: '0', result: 'failure' });
  expect(run.summary).toMatch(/free where images are stored: \d+ MiB before, \d+ MiB after/);
});
