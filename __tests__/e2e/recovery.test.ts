import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Lab, openLab } from '../support/lab.js';
import { steps, writeImage } from '../support/workload.js';

let lab: Lab;
beforeEach(async () => {
  lab = await openLab();
});
afterEach(async () => {
  await lab.close();
});

const image = (name: string, seconds: number[]) => writeImage(lab.workspace, name, steps(name, seconds));

/** Calls back once, so many milliseconds after the first build client was seen. */
function once(afterMs: number, act: () => void): void {
  let planned = false;
  lab.watch((clients) => {
    if (clients === 0 || planned) return;
    planned = true;
    setTimeout(act, afterMs);
  });
}

describe('evidence of the engine itself', () => {
  it('sees the death of the server when the client speaks of a failed step, as after SIGTERM', async () => {
    once(1_500, () => {
      void lab.server.kill('SIGTERM').then(() => setTimeout(() => void lab.server.start(), 300));
    });
    const run = await lab.run([image('a', [3]), image('b', [3])]);
    expect(run.outputs).toMatchObject({ result: 'success', incidents: '1', retries: '2' });
    const lines = run.events.flatMap((event) => (event.type === 'attempt-ended' ? [event.verdict?.line ?? ''] : []));
    expect(lines.join('\n')).toMatch(/while running runtime|server probably quit/);
  });

  it('holds the events stream open, whose end is journalled with its time', async () => {
    let killedAt = 0;
    once(1_500, () => {
      killedAt = Date.now();
      lab.kill(500);
    });
    const run = await lab.run([image('a', [3])]);
    expect(run.outputs).toMatchObject({ result: 'success', incidents: '1', retries: '1' });
    const dropped = run.events.filter((event) => event.type === 'sentinel');
    expect(dropped).toMatchObject([{ watch: 'stream', state: 'dropped' }]);
    expect((dropped[0]?.at ?? 0) - killedAt).toBeLessThan(1_000);
  });

  it('keeps a definite failure a failure, though the engine dies a moment later', async () => {
    let before = 0;
    lab.watch((clients) => {
      if (before === 2 && clients === 1) lab.kill(500);
      before = clients;
    });
    const run = await lab.run([writeImage(lab.workspace, 'broken', ['RUN exit 3']), image('a', [3])]);
    expect(run.images).toMatchObject({
      broken: { attempts: 1, verdict: 'build-failed' },
      a: { attempts: 2, verdict: 'success' },
    });
  });

  it('leaves a quiet build on a healthy engine alone', async () => {
    const run = await lab.run([image('quiet', [4])], { 'stall-timeout': '1s' });
    expect(run.outputs).toMatchObject({ result: 'success', incidents: '0', retries: '0' });
  });
});

describe('bringing the engine back', () => {
  it('ends builds on a server that hangs, has it restarted, and builds them again', async () => {
    once(1_000, () => process.kill(lab.server.pid as number, 'SIGSTOP'));
    const command = `echo "incident $E2E_BUILD_INCIDENT: $E2E_BUILD_IN_FLIGHT" >&2; kill -KILL ${lab.server.pid}; touch ${lab.workspace}/restarted`;
    const restart = setInterval(() => void restartWhenDead(), 100);
    const run = await lab.run([image('a', [3]), image('b', [3])], {
      'stall-timeout': '1s',
      recovery: 'restart',
      'recovery-command': command,
    });
    clearInterval(restart);
    expect(run.outputs).toMatchObject({ result: 'success', incidents: '1', retries: '2' });
    expect(run.events.filter((event) => event.type === 'attempt-ended' && event.ending.kind === 'hung')).toHaveLength(
      2,
    );
    expect(run.events.find((event) => event.type === 'recovery')).toMatchObject({
      code: 0,
      said: expect.stringMatching(/^b$|incident 1/),
    });

    /** The supervisor: only once the recovery command has killed the hung server. */
    async function restartWhenDead(): Promise<void> {
      const pid = lab.server.pid as number;
      try {
        process.kill(pid, 0);
      } catch {
        await lab.server.start();
      }
    }
  });

  it('restarts the services of this platform when there is no command of the user’s own', async () => {
    // There is no systemd here: a stand-in writes down what it was told, and asks the supervisor.
    const bin = join(lab.workspace, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'systemctl'), '#!/bin/sh\necho "$@" >> "$0.told"\n', { mode: 0o755 });
    once(1_000, () => lab.kill());
    const supervisor = setInterval(() => {
      if (!existsSync(join(bin, 'systemctl.told'))) return;
      clearInterval(supervisor);
      void lab.server.start();
    }, 50);
    const run = await lab.run([image('a', [3])], { recovery: 'restart' }, undefined, {
      PATH: `${bin}:${process.env['PATH']}`,
    });
    clearInterval(supervisor);
    expect(run.outputs).toMatchObject({ result: 'success', incidents: '1', retries: '1' });
    expect(readFileSync(join(bin, 'systemctl.told'), 'utf8')).toBe('restart podman.socket podman.service\n');
    expect(run.summary).toContain('Recovery: `systemctl restart podman.socket podman.service`: succeeded');
  });

  it('fails fast with recovery none', async () => {
    once(1_000, () => lab.kill());
    const began = Date.now();
    const run = await lab.run([image('a', [3]), image('b', [3]), image('c', [3])], { recovery: 'none' });
    expect(Date.now() - began).toBeLessThan(10_000);
    expect(run.exitCode).toBe(1);
    expect(run.images).toMatchObject({ a: { attempts: 1 }, c: { attempts: 0, verdict: 'engine-crash' } });
    expect(run.log).toMatch(/and recovery is none/);
  });

  it('says what it tried when nothing brought the engine back', async () => {
    once(1_000, () => lab.kill());
    const run = await lab.run([image('a', [3])], {
      recovery: 'restart',
      'recovery-command': 'echo no such unit >&2; exit 5',
      'recovery-timeout': '4s',
    });
    expect(run.exitCode).toBe(1);
    expect(run.summary).toMatch(/Recovery: `echo no such unit >&2; exit 5`: exit code 5; it said: `no such unit`/);
  });
});

describe('time', () => {
  it('ends an attempt past its timeout, and does not try it again', async () => {
    const run = await lab.run([image('slow', [30]), image('quick', [0.2])], { timeout: '3s' });
    expect(run.exitCode).toBe(1);
    expect(run.images).toMatchObject({ slow: { attempts: 1, verdict: 'timeout' }, quick: { verdict: 'success' } });
  });

  it('ends everything at the deadline, and says what was not done', async () => {
    const began = Date.now();
    const run = await lab.run([image('a', [30]), image('b', [30]), image('c', [1])], { deadline: '3s' });
    expect(run.endedAt - began).toBeLessThan(9_000);
    expect(run.exitCode).toBe(1);
    expect(run.outputs['result']).toBe('failure');
    expect(run.images).toMatchObject({
      a: { attempts: 1, verdict: 'timeout' },
      b: { attempts: 1, verdict: 'timeout' },
      c: { attempts: 0, verdict: 'timeout' },
    });
    expect(run.log).toMatch(/c: timeout.*deadline of 3 s/);
  });
});
