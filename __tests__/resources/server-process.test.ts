import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { procFiles } from '../../src/host/proc-files.js';
import { createEngineLook } from '../../src/resources/engine-look.js';
import { findServerProcess } from '../../src/resources/server-process.js';
import { fakeProc } from '../support/fake-proc.js';

const onLinux = process.platform === 'linux' ? describe : describe.skip;
const SOCKET = '/run/podman/podman.sock';
const PATHS = new Set([SOCKET]);
const SERVICE = 'podman\0system\0service\0';

/** A /proc in which these processes run, and hold these sockets; `hidden` is another user's. */
function lab(processes: Record<number, { cmdline: string; holds?: number[] | 'hidden'; parent?: number }>) {
  const proc = fakeProc(
    Object.fromEntries(
      Object.entries(processes).map(([pid, { parent }]) => [pid, { rssKib: 10, parent: parent ?? 1 }]),
    ),
    { 'net/unix': `Num\n0: 00000002 00000000 00010000 0001 01 555 ${SOCKET}\n` },
  );
  for (const [pid, { cmdline, holds = [] }] of Object.entries(processes)) {
    proc.files.set(`${pid}/cmdline`, cmdline);
    proc.files.set(`${pid}/limits`, 'Max open files            4096                 4096                 files\n');
    if (holds === 'hidden') continue;
    proc.folders.set(`${pid}/fd`, ['0', ...holds.map((_, index) => String(index + 3))]);
    for (const [index, inode] of holds.entries()) proc.links.set(`${pid}/fd/${index + 3}`, `socket:[${inode}]`);
  }
  return proc;
}

describe('the process that serves on a socket', () => {
  it('is the podman that holds it, and not systemd, a client, or a server on another socket', () => {
    const proc = lab({
      1: { cmdline: '/sbin/init\0', holds: [555] },
      20: { cmdline: '/usr/bin/podman\0system\0service\0', holds: [9, 555] },
      30: { cmdline: 'podman\0--remote\0build\0', holds: [555] },
      40: { cmdline: SERVICE, holds: [556] },
    });
    expect(findServerProcess(proc, PATHS)).toEqual({ pid: 20, startedTicks: 20 });
  });

  it('is the child of a rootless podman', () => {
    const proc = lab({ 20: { cmdline: SERVICE, holds: [555] }, 21: { cmdline: SERVICE, holds: [555], parent: 20 } });
    expect(findServerProcess(proc, PATHS)?.pid).toBe(21);
  });

  it("is another user's where only one can be meant", () => {
    const docker = { cmdline: '/usr/bin/dockerd\0-H\0fd://\0', holds: 'hidden' } as const;
    expect(findServerProcess(lab({ 20: docker }), PATHS)?.pid).toBe(20);
    expect(findServerProcess(lab({ 20: docker, 30: docker }), PATHS)).toBeUndefined();
  });

  it('is none while systemd alone listens, and where nobody does', () => {
    expect(findServerProcess(lab({ 1: { cmdline: '/sbin/init\0', holds: [555] } }), PATHS)).toBeUndefined();
    expect(findServerProcess(lab({ 20: { cmdline: SERVICE, holds: [555] } }), new Set(['/x']))).toBeUndefined();
    expect(findServerProcess(fakeProc(), PATHS)).toBeUndefined();
  });
});

describe('a look at the engine', () => {
  it('has the figures of its process, and its CPU since the look before', () => {
    const proc = lab({ 20: { cmdline: SERVICE, holds: [9, 555] } });
    let at = 0;
    const look = createEngineLook(proc, () => at, PATHS);
    const figures = { pid: 20, rssBytes: 10 * 1024, threads: 1, openFiles: 3, openFilesLimit: 4096 };
    expect(look.sample()).toEqual(figures);
    at = 1_000;
    proc.processes.set(20, { rssKib: 10, userTicks: 100, systemTicks: 50 });
    expect(look.sample()).toEqual({ ...figures, cpuPercent: 150 });
  });

  it('tells since when the server that is found now has served', () => {
    const proc = lab({ 20: { cmdline: SERVICE, holds: [555] } });
    proc.files.set('uptime', '100.00 50.00\n');
    const look = createEngineLook(proc, () => 500_000, PATHS);
    // Process 20 was started 20 ticks after the boot, which was 100 s ago.
    expect(look.servingSince()).toBe(400_200);
    expect(createEngineLook(proc, () => 500_000, new Set(['/x'])).servingSince()).toBeUndefined();
  });

  it('leaves out what another user does not show', () => {
    const look = createEngineLook(lab({ 20: { cmdline: SERVICE, holds: 'hidden' } }), () => 0, PATHS);
    expect(look.sample()).toEqual({ pid: 20, rssBytes: 10 * 1024, threads: 1, openFilesLimit: 4096 });
  });

  it('is absent after its process died, and finds the next one, at a pace', () => {
    const proc = lab({ 20: { cmdline: SERVICE, holds: [555] } });
    let at = 0;
    const look = createEngineLook(proc, () => at, PATHS);
    expect(look.sample()).toBeDefined();
    proc.processes.delete(20);
    proc.folders.delete('20/fd');
    at = 6_000;
    expect(look.sample()).toBeUndefined();
    proc.processes.set(20, { rssKib: 99, startedTicks: 777 });
    proc.folders.set('20/fd', ['3']);
    at = 7_000;
    proc.reads.length = 0;
    expect(look.sample()).toBeUndefined();
    expect(proc.reads).toEqual([]);
    at = 11_000;
    expect(look.sample()).toMatchObject({ rssBytes: 99 * 1024 });
  });
});

onLinux('a real server', () => {
  let folder = '';
  let socket = '';
  const children: ChildProcess[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'server-'));
    socket = join(folder, 's');
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  /** Listens on the socket, under the name of dockerd. */
  async function serve(): Promise<ChildProcess> {
    const script = `require('fs').rmSync(process.argv[1], { force: true }); require('net').createServer().listen(process.argv[1], () => console.log('up'))`;
    const child = spawn(process.execPath, ['-e', script, socket], {
      argv0: 'dockerd',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    return child;
  }

  it('is found, looked at, missed when it is killed, and found again when it is replaced', async () => {
    let at = 0;
    const look = createEngineLook(procFiles, () => at, new Set([socket]));
    expect(look.sample()).toBeUndefined();
    at += 5_000;
    const first = await serve();
    expect(findServerProcess(procFiles, new Set([socket]))?.pid).toBe(first.pid);
    const sample = look.sample();
    expect(sample?.rssBytes).toBeGreaterThan(10 * 2 ** 20);
    expect(sample?.threads).toBeGreaterThan(1);
    expect(sample?.openFiles).toBeGreaterThan(3);
    expect(sample?.openFilesLimit).toBeGreaterThan(sample?.openFiles ?? 0);
    first.kill('SIGKILL');
    await sleep(50);
    at += 5_000;
    expect(look.sample()).toBeUndefined();
    const second = await serve();
    at += 5_000;
    expect(look.sample()?.rssBytes).toBeGreaterThan(10 * 2 ** 20);
    expect(findServerProcess(procFiles, new Set([socket]))?.pid).toBe(second.pid);
  });
});
