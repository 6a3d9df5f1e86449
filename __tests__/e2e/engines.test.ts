import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Run, runBundle } from '../support/bundle-run.js';
import { privateDocker } from '../support/private-docker.js';
import { localStorage, type PrivateEngine } from '../support/private-engines.js';
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

function run(using: PrivateEngine, images: object[], inputs: Record<string, string> = {}): Promise<Run> {
  engine = using;
  return runBundle(using, { workspace, temp: join(folder, 'temp') }, images, inputs);
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
    expect(result.images['slow']).toMatchObject({ attempts: 2, verdict: 'success' });
  });

  it('a podman build that is told to end from outside has no success, though podman 4.1 to 5.2 exits 0', async () => {
    const result = await runAndSignal('SIGTERM');
    expect(result.exitCode).toBe(1);
    expect(result.outputs).toMatchObject({ result: 'failure', incidents: '0', retries: '0', imageids: '' });
    expect(result.images['slow']).toMatchObject({ id: null, attempts: 1, verdict: 'cancelled' });
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
    const docker = await privateDocker(join(folder, 'engine'), { DOCKER_BUILDKIT: '0' });
    const slow = writeImage(workspace, 'slow', steps('slow', [7]));
    setTimeout(() => {
      docker.signal('SIGKILL');
      setTimeout(() => void docker.start(), 500);
    }, 5_000);
    const result = await run(docker, [good(), broken(), forged(), slow], { 'max-parallel': '4' });
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
