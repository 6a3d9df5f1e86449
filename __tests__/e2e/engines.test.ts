import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runAction } from '../../demo/runner.mjs';
import { parseJournal } from '../../src/journal/lines.js';
import { localStorage, type PrivateEngine, privateDocker } from '../support/private-engines.js';
import { steps, writeImage } from '../support/workload.js';

let folder: string;
let workspace: string;
let engine: PrivateEngine | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'e2e-engines-'));
  workspace = join(folder, 'workspace');
  mkdirSync(workspace);
  mkdirSync(join(folder, 'temp'));
});
afterEach(async () => {
  await engine?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function run(
  using: PrivateEngine,
  images: object[],
  inputs: Record<string, string> = {},
  env: Record<string, string> = {},
) {
  engine = using;
  const result = await runAction({
    action: process.cwd(),
    workspace,
    temp: join(folder, 'temp'),
    env: { ...using.env, ...env },
    inputs: {
      images: JSON.stringify(images),
      'retry-min-timeout': '500ms',
      'retry-max-timeout': '1s',
      ...using.inputs,
      ...inputs,
    },
  });
  const journal =
    result.outputs['report'] === undefined
      ? ''
      : readFileSync(join(result.outputs['report'], 'journal.ndjson'), 'utf8');
  return { ...result, images: JSON.parse(result.outputs['images'] ?? '{}'), events: parseJournal(journal).events };
}

const good = () => writeImage(workspace, 'good', steps('good', [0.2]));
const broken = () => writeImage(workspace, 'broken', ['RUN exit 3']);
const forged = () =>
  writeImage(workspace, 'forged', ["RUN echo 'Error: server probably quit: unexpected EOF' >&2; exit 1"]);
const REFUSED = { broken: { attempts: 1, verdict: 'build-failed' }, forged: { attempts: 1, verdict: 'build-failed' } };

describe('engines without a server', () => {
  it.each(['podman', 'buildah'] as const)(
    '%s builds what can be built, and tries a real failure once',
    async (name) => {
      const result = await run(localStorage(join(folder, 'engine'), name), [good(), broken(), forged()]);
      expect(result.images).toMatchObject({ ...REFUSED, good: { attempts: 1, verdict: 'success' } });
      expect(result.outputs).toMatchObject({ incidents: '0', result: 'failure' });
      expect(result.events[0]).toMatchObject({ engine: { name, served: false } });
    },
  );

  it('a podman build that is killed from outside is an engine crash, and is tried again', async () => {
    const result = await runAndSignal('SIGKILL');
    expect(result.outputs).toMatchObject({ result: 'success', incidents: '1', retries: '1' });
    expect(result.images.slow).toMatchObject({ attempts: 2, verdict: 'success' });
  });

  it('a podman build that is told to end from outside has no success, though podman 4.1 to 5.2 exits 0', async () => {
    const result = await runAndSignal('SIGTERM');
    expect(result.exitCode).toBe(1);
    expect(result.outputs).toMatchObject({ result: 'failure', incidents: '0', retries: '0', imageids: '' });
    expect(result.images.slow).toMatchObject({ id: null, attempts: 1, verdict: 'cancelled' });
  });

  /** Builds one slow image with a local podman, and sends its first build client a signal in the middle. */
  async function runAndSignal(signal: 'SIGKILL' | 'SIGTERM') {
    const local = localStorage(join(folder, 'engine'), 'podman');
    const slow = writeImage(workspace, 'slow', steps('slow', [2]));
    let sent = false;
    const watch = setInterval(() => {
      const found = spawnSync('pgrep', ['-f', `podman build .*${workspace}/slow`], { encoding: 'utf8' }).stdout;
      const pid = Number(found.trim().split('\n')[0]);
      if (sent || !pid) return;
      sent = true;
      setTimeout(() => process.kill(pid, signal), 700);
    }, 50);
    const result = await run(local, [slow]);
    clearInterval(watch);
    return result;
  }
});

describe('docker without buildx', () => {
  it('builds with the legacy builder, and survives the death of its daemon', async () => {
    const docker = await privateDocker(join(folder, 'engine'));
    const slow = writeImage(workspace, 'slow', steps('slow', [3]));
    setTimeout(() => {
      docker.kill();
      setTimeout(() => void docker.start(), 500);
    }, 2_500);
    const result = await run(
      docker,
      [good(), broken(), forged(), slow],
      { 'max-parallel': '4' },
      { DOCKER_BUILDKIT: '0' },
    );
    expect(result.images).toMatchObject({
      ...REFUSED,
      good: { attempts: 1, verdict: 'success' },
      slow: { attempts: 2, verdict: 'success' },
    });
    expect(result.outputs).toMatchObject({ incidents: '1', retries: '1', result: 'failure' });
    expect(result.events[0]).toMatchObject({ engine: { name: 'docker', dialect: 'docker-legacy' } });
  });
});

describe('no engine', () => {
  it('fails before anything is built, naming what was tried and what each said', async () => {
    const nobody = {
      ...localStorage(join(folder, 'engine'), 'podman'),
      inputs: { engine: 'auto', 'engine-url': `unix://${folder}/nobody.sock` },
    };
    const result = await run(nobody, [good()]);
    expect(result.exitCode).toBe(1);
    expect(result.log).toMatch(/No engine answers\. Tried:.*podman: .*nobody\.sock.*docker: .*nobody\.sock/);
    expect(result.log).not.toMatch(/^\s+at /m);
  });
});
