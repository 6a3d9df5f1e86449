import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { BuildProcess } from '../../src/build/build-process.js';
import { procFiles } from '../../src/host/proc-files.js';
import { startBuild } from '../../src/host/process.js';
import { putTimeBefore, tryTime } from '../../src/host/time-wrapper.js';
import { groupMembers } from '../../src/resources/process-group.js';
import type { TimeCommand } from '../../src/resources/time-command.js';

const hasTime = process.platform === 'linux' && existsSync('/usr/bin/time');
const withTime = hasTime ? describe : describe.skip;

/** A client that says so when it has started, and then lives until it is ended. */
const WAITING = `console.log('started'); setInterval(() => {}, 1000);`;

withTime('a build under time(1)', () => {
  let time: TimeCommand;
  let folder = '';
  beforeAll(async () => {
    const trial = mkdtempSync(join(tmpdir(), 'trial-'));
    const tried = tryTime(join(trial, 'figures'));
    while (tried() === undefined) await sleep(5);
    time = tried() as TimeCommand;
    expect(readdirSync(trial)).toEqual([]);
    rmSync(trial, { recursive: true });
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'timed-'));
  });
  afterEach(() => {
    expect(readdirSync(folder).filter((name) => name !== 'log' && name !== 'client')).toEqual([]);
    rmSync(folder, { recursive: true, force: true });
  });

  const run = (file: string, args: string[]): BuildProcess => {
    const command = { file, args, env: {} };
    const timed = putTimeBefore(time, command, join(folder, 'figures'));
    return startBuild(command, join(folder, 'log'), Date.now, { timed });
  };
  const node = (script: string) => run(process.execPath, ['-e', script]);
  const log = () => (existsSync(join(folder, 'log')) ? readFileSync(join(folder, 'log'), 'utf8') : '');
  const started = async () => {
    while (!log().includes('started')) await sleep(20);
  };
  const clients = (child: BuildProcess) =>
    (groupMembers(procFiles, child.pid as number) ?? []).map(({ pid }) => pid).filter((pid) => pid !== child.pid);
  /** A process that has ended may stay a zombie until its parent looks. */
  const alive = (pid: number) => /\) [^ZX] /.test(procFiles.read(`${pid}/stat`) ?? '');

  it.each([0, 1, 125, 126, 127, 137, 143, 255])('ends with its exit code: %i', async (code) => {
    const end = await node(`console.error('Error: last'); process.exit(${code})`).ended;
    expect(end).toMatchObject({ code, stderr: 'Error: last\n' });
    expect(end).not.toHaveProperty('signal');
    expect(end).not.toHaveProperty('failure');
  });

  it('has what the kernel counted', async () => {
    const { kernel } = await node(`const b = Buffer.alloc(64 << 20, 1); for (let i = 0; i < 2e8; i++) b[0] ^= i;`)
      .ended;
    expect(kernel?.userMs).toBeGreaterThanOrEqual(20);
    expect(kernel?.peakRssBytes).toBeGreaterThan(64 * 2 ** 20);
    expect(kernel?.voluntarySwitches).toBeGreaterThan(0);
    expect(kernel).toHaveProperty('systemMs');
    expect(kernel).toHaveProperty('involuntarySwitches');
  });

  it.each(['SIGKILL', 'SIGTERM', 'SIGSEGV', 'SIGABRT', 'SIGHUP'] as const)(
    'is signalled when %s ends its client from outside',
    async (signal) => {
      const child = node(WAITING);
      await started();
      const [client] = clients(child);
      process.kill(client as number, signal);
      const end = await child.ended;
      expect(end).toMatchObject({ signal, stderr: '' });
      expect(end).not.toHaveProperty('code');
      expect(end.kernel?.peakRssBytes).toBeGreaterThan(0);
    },
  );

  it('is signalled by its own hand, too, and a core dump is no other end', async () => {
    expect(await node(`process.kill(process.pid, 'SIGKILL')`).ended).toMatchObject({ signal: 'SIGKILL' });
    expect(await run('/bin/sh', ['-c', 'kill -QUIT $$']).ended).toMatchObject({ signal: 'SIGQUIT' });
  });

  it('lets a client that is asked to end do so in its own time, and ends with its exit code', async () => {
    const child = node(
      `process.on('SIGTERM', () => setTimeout(() => { console.log('cleaned up'); process.exit(3); }, 300)); ${WAITING}`,
    );
    await started();
    child.kill('SIGTERM');
    const end = await child.ended;
    expect(end).toMatchObject({ code: 3, stdout: 'started\ncleaned up\n' });
    expect(end.kernel?.peakRssBytes).toBeGreaterThan(0);
  });

  it('is ended with all that its client started', async () => {
    const child = node(
      `const c = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' }); console.log(c.pid); ${WAITING}`,
    );
    await started();
    const members = clients(child);
    expect(members).toHaveLength(2);
    child.kill('SIGTERM');
    expect(await child.ended).toMatchObject({ signal: 'SIGTERM' });
    await sleep(100);
    expect(members.filter(alive)).toEqual([]);
  });

  it('has no figures when its whole group is killed, and leaves nobody behind', async () => {
    const child = node(`process.on('SIGTERM', () => {}); ${WAITING}`);
    await started();
    const members = clients(child);
    child.kill('SIGTERM');
    await sleep(100);
    expect(members.filter(alive)).toEqual(members);
    child.kill('SIGKILL');
    const end = await child.ended;
    expect(end).toMatchObject({ signal: 'SIGKILL' });
    expect(end).not.toHaveProperty('kernel');
    await sleep(50);
    expect(members.filter(alive)).toEqual([]);
  });

  it('does not leave its client behind when time itself is killed', async () => {
    const child = node(`process.on('SIGTERM', () => setTimeout(() => process.exit(0), 200)); ${WAITING}`);
    await started();
    const members = clients(child);
    process.kill(child.pid as number, 'SIGTERM');
    expect(await child.ended).toMatchObject({ signal: 'SIGTERM' });
    expect(members.filter(alive)).toEqual([]);
  });

  it('can be ended before it has begun', async () => {
    const child = node(WAITING);
    child.kill('SIGTERM');
    expect(await child.ended).toMatchObject({ signal: 'SIGTERM' });
  });

  it('leaves its output as it is, and in order', async () => {
    const script = Array.from({ length: 50 }, (_, i) => `echo out ${i}; echo err ${i} >&2`).join('\n');
    const end = await run('/bin/sh', ['-c', script]).ended;
    const lines = (name: string) => Array.from({ length: 50 }, (_, i) => `${name} ${i}\n`).join('');
    expect(end).toMatchObject({ code: 0, stdout: lines('out'), stderr: lines('err') });
    expect(log().length).toBe(lines('out').length + lines('err').length);
  });

  it('does not take the word of a client that writes to its file', async () => {
    const forged = `printf 'Command terminated by signal 9\\n%s' "$0" >> '${join(folder, 'figures')}'`;
    const lines = 'e2e-build 1 1 1 1 1 1 1 1\nCommand terminated by signal 9\n';
    const end = await run('/bin/sh', ['-c', `${forged}; exit 137`, lines]).ended;
    expect(end).toMatchObject({ code: 137 });
    expect(end.kernel?.userMs).toBeLessThan(1000);
    expect(await run('/bin/sh', ['-c', forged, lines]).ended).toMatchObject({ code: 0 });
  });

  it('goes without time where its client is missing, and says so', async () => {
    expect(putTimeBefore(time, { file: 'no-such-engine', args: [], env: {} }, join(folder, 'figures'))).toBeUndefined();
    expect(await run('no-such-engine', []).ended).toMatchObject({ failure: 'no-such-engine is not installed' });
  });

  it('was not spawned when time cannot start it', async () => {
    writeFileSync(join(folder, 'client'), '#!/no/such/interpreter\n', { mode: 0o755 });
    const end = await run(join(folder, 'client'), []).ended;
    expect(end).toMatchObject({ failure: `${join(folder, 'client')} is not installed` });
    expect(end).not.toHaveProperty('code');
    rmSync(join(folder, 'client'));
    mkdirSync(join(folder, 'client'));
    expect(await run(join(folder, 'client'), []).ended).toMatchObject({ failure: expect.stringContaining('denied') });
  });

  it('ends as its client did when its file is gone', async () => {
    const child = run('/bin/sh', ['-c', `rm '${join(folder, 'figures')}'; exit 3`]);
    expect(await child.ended).toMatchObject({ code: 3 });
  });

  it('goes without time where its file cannot be made', () => {
    const command = { file: '/bin/true', args: [], env: {} };
    expect(putTimeBefore(time, command, join(folder, 'missing', 'figures'))).toBeUndefined();
  });
});
