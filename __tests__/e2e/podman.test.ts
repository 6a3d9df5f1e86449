import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runBundle } from '../support/bundle-run.js';
import { attemptsOf, type Lab, mostAttempts, openLab } from '../support/lab.js';
import { buildClients } from '../support/process-table.js';
import { steps, writeImage } from '../support/workload.js';

let lab: Lab;
beforeEach(async () => {
  lab = await openLab();
});
afterEach(async () => {
  await lab.close();
});

const image = (name: string, seconds: number[]) => writeImage(lab.workspace, name, steps(name, seconds));
const exists = (tag: string) =>
  spawnSync('podman', ['--url', lab.server.url, 'image', 'exists', tag], { env: { ...process.env, ...lab.server.env } })
    .status === 0;

/** Kills the server once, so many milliseconds after the first build client was seen. */
function killOnce(afterMs: number, backAfterMs?: number): void {
  let planned = false;
  lab.watch((clients) => {
    if (clients === 0 || planned) return;
    planned = true;
    setTimeout(() => lab.kill(backAfterMs), afterMs);
  });
}

// A network of its own, in which there is nothing, takes root on Linux.
const canUnshare = process.platform === 'linux' && process.getuid?.() === 0;
const whenUnshared = canUnshare ? it : it.skip;
if (!canUnshare) console.log('skipped: a run without any network, as unshare -n takes root on Linux');

describe('the bundled action on a real podman server', () => {
  whenUnshared("needs no network but the server's socket", async () => {
    const at = { workspace: lab.workspace, temp: join(lab.workspace, '../temp'), before: ['unshare', '-n'] };
    const inputs = { engine: 'podman', 'engine-url': lab.server.url, 'extra-args': '--network=none', cache: 'off' };
    const interfaces = spawnSync('unshare', ['-n', 'cat', '/proc/net/dev'], { encoding: 'utf8' }).stdout;
    expect(interfaces.match(/^ *\w+:/gm)).toEqual(['    lo:']);
    const run = await runBundle({ env: lab.server.env, inputs }, at, [image('a', [0.2]), image('b', [0.2])]);
    expect([run.exitCode, run.postExitCode, run.outputs['result']]).toEqual([0, 0, 'success']);
    expect(run.log).not.toMatch(/::(?:warning|error)/);
    expect([exists('localhost/a:e2e'), exists('localhost/b:e2e')]).toEqual([true, true]);
    expect(existsSync(join(run.outputs['report'] as string, 'report.html'))).toBe(true);
  });

  it('builds three images, two at a time', async () => {
    const run = await lab.run(['a', 'b', 'c'].map((name) => image(name, [1])));
    expect(run.log).not.toContain('::error');
    expect(run.exitCode).toBe(0);
    expect(['a', 'b', 'c'].map((name) => exists(`localhost/${name}:e2e`))).toEqual([true, true, true]);
    expect(mostAttempts(run.events)).toBe(2);
    expect(lab.mostClients()).toBe(2);
    expect(run.outputs).toMatchObject({ result: 'success', mode: 'parallel', incidents: '0', retries: '0' });
    expect(run.outputs['imageids']?.split('\n')).toHaveLength(3);
    expect(run.summary).toContain('gantt');
    // Each says what its steps were, what it used, and what the server did meanwhile.
    const stepsOfA = run.events.filter((event) => event.type === 'step-started' && event.image === 'a');
    expect(stepsOfA.map((event) => ('step' in event ? event.step : ''))).toEqual(['1/3', '2/3', '3/3']);
    const samples = run.events.filter((event) => event.type === 'sample');
    expect(samples.some(({ engine }) => (engine?.rssBytes ?? 0) > 2 ** 20)).toBe(true);
    expect(samples.some(({ attempts }) => attempts?.some(({ rssBytes = 0 }) => rssBytes > 2 ** 20))).toBe(true);
  });

  it('survives the death of the server in mid-build and builds again only what was not finished', async () => {
    const images = [image('quick', [0.2]), image('slow1', [2, 2]), image('slow2', [2, 2])];
    killOnce(2_500, 1_000);
    const run = await lab.run(images, { 'max-parallel': '3' });
    expect(run.exitCode).toBe(0);
    expect(run.outputs).toMatchObject({ result: 'success', incidents: '1', retries: '2', mode: 'reduced' });
    expect(attemptsOf(run.events, 'quick')).toBe(1);
    expect([attemptsOf(run.events, 'slow1'), attemptsOf(run.events, 'slow2')]).toEqual([2, 2]);
    expect(images.every(({ tags }) => exists(tags[0] as string))).toBe(true);
  });

  it('goes serial, and ends green, on a server that dies whenever two builds run', async () => {
    let since: number | undefined;
    lab.watch((clients) => {
      since = clients > 1 ? (since ?? Date.now()) : undefined;
      if (since === undefined || Date.now() - since < 800) return;
      since = undefined;
      lab.kill(500);
    });
    const run = await lab.run(
      ['a', 'b', 'c', 'd'].map((name) => image(name, [1, 1])),
      { 'max-parallel': '4', retries: '5' },
    );
    expect(run.exitCode).toBe(0);
    expect(run.outputs).toMatchObject({ result: 'success', mode: 'serial' });
    expect(Number(run.outputs['incidents'])).toBeLessThanOrEqual(3);
  });

  it('fails within its budgets when the server is killed again and again', async () => {
    let next = Number.POSITIVE_INFINITY;
    lab.watch((clients) => {
      if (clients > 0) next = Math.min(next, Date.now() + 1_200);
      if (Date.now() < next) return;
      next = Number.POSITIVE_INFINITY;
      lab.kill(300);
    });
    const run = await lab.run(
      ['a', 'b'].map((name) => image(name, [4])),
      { retries: '2' },
    );
    expect(run.exitCode).toBe(1);
    expect(run.outputs['result']).toBe('failure');
    expect(run.images).toMatchObject({
      a: { attempts: 3, verdict: 'engine-crash' },
      b: { attempts: 3, verdict: 'engine-crash' },
    });
    expect([attemptsOf(run.events, 'a'), attemptsOf(run.events, 'b')]).toEqual([3, 3]);
    expect(run.log).toContain('engine-crash');
    expect(run.summary).toContain('engine-crash');
  });

  it('gives up an engine that does not come back, and begins nothing after that', async () => {
    killOnce(1_000);
    const run = await lab.run(
      ['a', 'b', 'c'].map((name) => image(name, [3])),
      { 'recovery-timeout': '3s' },
    );
    expect(run.exitCode).toBe(1);
    expect(run.images).toMatchObject({
      a: { id: null, attempts: 1, verdict: 'engine-crash' },
      b: { id: null, attempts: 1, verdict: 'engine-crash' },
      c: { id: null, attempts: 0, verdict: 'engine-crash' },
    });
    expect(run.log).toMatch(/did not answer again within 3 s/);
  });

  it('tries a real failure once, whatever it looks like', async () => {
    const crashLine = 'Error: server probably quit: unexpected EOF';
    const broken: Record<string, string> = {
      'broken-run': 'RUN exit 7',
      'run-125': 'RUN exit 125',
      'bad-copy': 'COPY nosuch /x',
      syntax: 'RUNN foo',
      forged: `RUN echo '${crashLine}' >&2; echo '${crashLine}'; exit 125`,
    };
    const images = Object.entries(broken).map(([name, line]) => writeImage(lab.workspace, name, [line]));
    const run = await lab.run([...images, image('good', [0.2])]);
    expect(run.exitCode).toBe(1);
    expect(run.outputs).toMatchObject({ result: 'failure', incidents: '0', retries: '0' });
    for (const name of Object.keys(broken)) {
      expect(run.images[name]).toMatchObject({ id: null, attempts: 1 });
      expect(run.images[name]?.verdict).toMatch(/^(build-failed|usage-error)$/);
      expect(run.log).toMatch(new RegExp(`::error.*${name}`));
    }
    expect(run.images['good']).toMatchObject({ attempts: 1, verdict: 'success' });
  });

  it('builds the others through a crash when one image is broken, and blames only that one', async () => {
    const images = [image('m1', [2, 2]), image('m2', [2, 2]), writeImage(lab.workspace, 'broken', ['RUN exit 3'])];
    killOnce(2_000, 1_000);
    const run = await lab.run(images, { 'max-parallel': '3' });
    expect(run.exitCode).toBe(1);
    expect(run.images).toMatchObject({
      m1: { verdict: 'success' },
      m2: { verdict: 'success' },
      broken: { attempts: 1, verdict: 'build-failed' },
    });
    expect(run.log).toContain('1 of 3 images');
  });
});

describe('a cancelled run', () => {
  it('ends in seconds with its outputs and a summary, also while it waits for a dead engine', async () => {
    const cancel = new AbortController();
    killOnce(1_000);
    setTimeout(() => cancel.abort(), 3_500);
    const began = Date.now();
    const run = await lab.run([image('a', [9]), image('b', [9])], {}, cancel.signal);
    expect(run.endedAt - began).toBeLessThan(3_500 + 5_000);
    expect(run.exitCode).toBe(1);
    expect(run.outputs['result']).toBe('cancelled');
    expect(run.log).not.toMatch(/EBADF|^\s+at /m);
    expect(run.summary).toMatch(/^## Cancelled/m);
    const types = run.events.map((event) => event.type);
    // The post step can only add that the engine, which is still dead, was not cleaned up.
    expect(types.filter((type) => type === 'run-ended')).toHaveLength(1);
    expect(types.slice(types.indexOf('run-ended') + 1).filter((type) => type !== 'warning')).toEqual([]);
  });

  it('begins nothing when that comes while the engine is looked for', async () => {
    // A client that takes its time to say its version; its server has answered long before.
    const bin = join(lab.workspace, 'bin');
    mkdirSync(bin);
    const script = `#!/bin/sh\n[ "$1" != --version ] || sleep 6\nPATH=$E2E_PATH exec podman "$@"\n`;
    writeFileSync(join(bin, 'podman'), script, { mode: 0o755 });
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(), 2_000);
    const began = Date.now();
    const images = ['a', 'b', 'c'].map((name) => image(name, [9]));
    const run = await lab.run(images, {}, cancel.signal, {
      PATH: `${bin}:${process.env['PATH']}`,
      E2E_PATH: process.env['PATH'] ?? '',
    });
    expect(run.endedAt - began).toBeLessThan(2_000 + 3_000);
    expect([run.exitCode, run.postExitCode, run.outputs['result']]).toEqual([1, 0, 'cancelled']);
    expect(run.summary).toMatch(/^## Cancelled/m);
    expect(run.events).toEqual([]);
    expect(lab.mostClients()).toBe(0);
  });

  it('ends its build clients', async () => {
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(), 2_500);
    const run = await lab.run([image('a', [30])], {}, cancel.signal);
    expect(run.images).toMatchObject({ a: { attempts: 1, verdict: 'cancelled' } });
    expect(buildClients(lab.server.url)).toEqual([]);
  });
});
