import { describe, expect, it } from '@jest/globals';
import { procFiles } from '../../src/host/proc-files.js';
import type { ProcessList } from '../../src/resources/process-list.js';
import { createResourceSampler, type ResourceSampler } from '../../src/resources/sampler.js';
import { type FakeProcess, fakeProc } from '../support/fake-proc.js';

const MIB = 1024;

function lab(processes: Record<number, FakeProcess> = {}, files: Record<string, string> = {}, memoryBytes?: number) {
  const proc = fakeProc(processes, files);
  const clock = { at: 0 };
  const freeBytes = (folder: string) => (folder === '/images' ? 5_000 : undefined);
  const sampler = createResourceSampler({
    proc,
    freeBytes,
    now: () => clock.at,
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
  });
  const change = (pid: number, values: FakeProcess) =>
    proc.processes.set(pid, { ...proc.processes.get(pid), ...values });
  return { proc, sampler, change, clock };
}

/** In bytes; what the machine has is not read from /proc. */
const HOST_BYTES = 1_000_000;
const available = (kib: number) => `MemTotal: 1000 kB\nMemAvailable: ${kib} kB\n`;
function memoryOf(sampler: ResourceSampler) {
  const { memoryBytes, memoryAvailableBytes } = sampler.vitals();
  return {
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    ...(memoryAvailableBytes === undefined ? {} : { memoryAvailableBytes }),
  };
}

describe('the vitals', () => {
  it('are the OOM kills and the free space, and absent where they cannot be had', () => {
    const { sampler } = lab({}, { vmstat: 'oom_kill 2\n' });
    sampler.setStorage('/images');
    expect(sampler.vitals()).toEqual({
      oomKills: 2,
      diskFreeBytes: 5_000,
      firstDiskFreeBytes: 5_000,
      engineIsHere: true,
    });
    expect(lab().sampler.vitals()).toEqual({});
  });

  it('are, of the memory of this machine, all that it has and what was available at the last look', () => {
    const { proc, sampler } = lab({}, { meminfo: available(400) }, HOST_BYTES);
    sampler.setStorage('/images');
    sampler.setEngineMemory(1);
    expect(memoryOf(sampler)).toEqual({ memoryBytes: HOST_BYTES });
    sampler.sample();
    proc.files.set('meminfo', available(300));
    expect(memoryOf(sampler)).toEqual({ memoryBytes: HOST_BYTES, memoryAvailableBytes: 400 * 1024 });
    sampler.sample();
    expect(memoryOf(sampler)).toEqual({ memoryBytes: HOST_BYTES, memoryAvailableBytes: 300 * 1024 });
  });

  it('are, of an engine elsewhere, what its own machine has, and nothing of what is available here', () => {
    const { sampler } = lab({}, { meminfo: available(400) }, HOST_BYTES);
    sampler.setStorage(undefined);
    sampler.sample();
    expect(memoryOf(sampler)).toEqual({});
    sampler.setEngineMemory(7_000);
    sampler.setEngineFigures({ memoryFreeBytes: 1 });
    sampler.sample();
    expect(memoryOf(sampler)).toEqual({ memoryBytes: 7_000 });
    sampler.setEngineMemory(undefined);
    expect(memoryOf(sampler)).toEqual({});
  });

  it('are nothing of any memory for as long as it is not known where the engine works', () => {
    const { sampler } = lab({}, { meminfo: available(400) }, HOST_BYTES);
    sampler.sample();
    expect(memoryOf(sampler)).toEqual({});
  });
});

describe('a sample of the host', () => {
  it('has every figure that /proc tells', () => {
    const { proc, sampler } = lab(
      {},
      {
        stat: 'cpu  100 0 100 800 0 0 0 0 0 0\n',
        loadavg: '1.50 1.00 0.50 1/100 1\n',
        meminfo: 'MemTotal: 1000 kB\nMemAvailable: 400 kB\nSwapTotal: 100 kB\nSwapFree: 90 kB\n',
      },
    );
    sampler.setStorage('/images');
    proc.files.set('stat', 'cpu  130 0 100 870 0 0 0 0 0 0\n');
    expect(sampler.sample().host).toEqual({
      cpuPercent: 30,
      cpuUserPercent: 30,
      cpuSystemPercent: 0,
      cpuStealPercent: 0,
      load1: 1.5,
      memoryUsedBytes: 600 * 1024,
      memoryAvailableBytes: 400 * 1024,
      swapUsedBytes: 10 * 1024,
      diskFreeBytes: 5_000,
    });
  });

  it('counts CPU time since the sample before, and gives none when no time passed', () => {
    const { proc, sampler } = lab({}, { stat: 'cpu  0 0 0 100\n' });
    proc.files.set('stat', 'cpu  100 0 0 100\n');
    expect(sampler.sample().host).toMatchObject({ cpuPercent: 100, cpuUserPercent: 100 });
    proc.files.set('stat', 'cpu  100 0 0 300\n');
    expect(sampler.sample().host).toMatchObject({ cpuPercent: 0 });
    expect(sampler.sample().host).toEqual({});
  });

  it('is empty on a machine without /proc', () => {
    const proc = { read: () => undefined, list: () => undefined, link: () => undefined };
    const sampler = createResourceSampler({ proc, freeBytes: () => undefined, now: () => 0 });
    sampler.setStorage('/images');
    sampler.trackAttempt('api', 1, 100);
    expect(sampler.sample()).toEqual({ host: {} });
    expect(sampler.endAttempt('api', 1)).toEqual({});
  });

  it('does not look at processes when no attempt is followed', () => {
    const { proc, sampler } = lab({ 100: {} });
    sampler.sample();
    expect(proc.reads.filter((path) => path.startsWith('100'))).toEqual([]);
  });
});

describe('a sample', () => {
  it('has what each attempt used since the sample before', () => {
    const { sampler, change, clock } = lab({ 100: { rssKib: 8 * MIB, userTicks: 10 }, 200: { rssKib: 2 * MIB } });
    sampler.trackAttempt('api', 1, 100);
    sampler.trackAttempt('web', 2, 200);
    clock.at = 1_000;
    change(100, { userTicks: 60, systemTicks: 10 });
    expect(sampler.sample().attempts).toEqual([
      { image: 'api', attempt: 1, cpuPercent: 60, rssBytes: 8 * 1024 ** 2 },
      { image: 'web', attempt: 2, cpuPercent: 0, rssBytes: 2 * 1024 ** 2 },
    ]);
    sampler.endAttempt('api', 1);
    sampler.endAttempt('web', 2);
    expect(sampler.sample()).toEqual({ host: {} });
  });

  it('says no memory of an attempt whose processes are gone', () => {
    const { sampler, proc, clock } = lab({ 100: { rssKib: 8 * MIB } });
    sampler.trackAttempt('api', 1, 100);
    proc.processes.delete(100);
    clock.at = 1_000;
    expect(sampler.sample().attempts).toEqual([{ image: 'api', attempt: 1, cpuPercent: 0 }]);
  });

  it('has what a remote engine said, once', () => {
    const { sampler } = lab();
    sampler.setEngineFigures({ memoryFreeBytes: 1 });
    expect(sampler.sample()).toEqual({ host: {}, engine: { memoryFreeBytes: 1 } });
    expect(sampler.sample()).toEqual({ host: {} });
  });

  it('has pressure, OOM kills and open files where the kernel tells them', () => {
    const pressure = (share: number) => `some avg10=${share}.00 avg60=0.00 avg300=0.00 total=0\n`;
    const { sampler } = lab(
      {},
      {
        'pressure/cpu': pressure(1),
        'pressure/memory': pressure(2),
        'pressure/io': pressure(3),
        vmstat: 'oom_kill 4\n',
        'sys/fs/file-nr': '5\t0\t99\n',
      },
    );
    expect(sampler.sample().host).toEqual({
      cpuPressurePercent: 1,
      memoryPressurePercent: 2,
      ioPressurePercent: 3,
      oomKills: 4,
      openFiles: 5,
    });
  });

  it('is made of what the platform tells where there is no /proc', () => {
    let ticks = { busy: 0, total: 100, user: 0, system: 0 };
    let list: ProcessList | undefined;
    const sampler = createResourceSampler({
      proc: { read: () => undefined, list: () => undefined, link: () => undefined },
      freeBytes: () => undefined,
      now: () => 0,
      figures: {
        cpuTicks: () => ticks,
        load1: () => 2,
        others: () => ({ memoryAvailableBytes: 3 }),
        takeProcesses: () => list,
      },
    });
    sampler.trackAttempt('api', 1, 100);
    ticks = { busy: 50, total: 200, user: 40, system: 10 };
    const host = { cpuPercent: 50, cpuUserPercent: 40, cpuSystemPercent: 10, load1: 2, memoryAvailableBytes: 3 };
    expect(sampler.sample()).toEqual({ host });
    list = {
      at: 2_000,
      processes: [
        { pid: 100, parent: 1, rssBytes: 10, cpuMs: 500 },
        { pid: 101, parent: 100, rssBytes: 20, cpuMs: 1_500 },
        { pid: 102, parent: 1, rssBytes: 999, cpuMs: 9_999 },
      ],
    };
    expect(sampler.sample().attempts).toEqual([{ image: 'api', attempt: 1, cpuPercent: 100, rssBytes: 30 }]);
  });
});

describe('the usage of an attempt', () => {
  it('is that of its first look when it ends before a sample', () => {
    const { sampler, proc } = lab({
      100: { userTicks: 2, systemTicks: 1, rssKib: 4 * MIB, voluntary: 5, involuntary: 6 },
    });
    sampler.trackAttempt('api', 1, 100);
    proc.processes.delete(100);
    expect(sampler.endAttempt('api', 1)).toEqual({
      userMs: 20,
      systemMs: 10,
      peakRssBytes: 4 * 1024 ** 2,
      voluntarySwitches: 5,
      involuntarySwitches: 6,
    });
  });

  it('takes a last look, at a zombie too', () => {
    const { sampler, change } = lab({ 100: { userTicks: 1, rssKib: 8 * MIB } });
    sampler.trackAttempt('api', 1, 100);
    change(100, { state: 'Z', userTicks: 90, rssKib: 0, voluntary: 7 });
    expect(sampler.endAttempt('api', 1)).toMatchObject({
      userMs: 900,
      peakRssBytes: 8 * 1024 ** 2,
      voluntarySwitches: 7,
    });
  });

  it('sums the tree, and keeps what processes had used when they were last seen', () => {
    const { sampler, proc, change } = lab({
      100: { userTicks: 10, rssKib: 1 * MIB, voluntary: 1 },
      200: { parent: 100, userTicks: 100, rssKib: 50 * MIB, voluntary: 10 },
      300: { parent: 200, systemTicks: 30, rssKib: 20 * MIB, involuntary: 100 },
      400: { parent: 1, userTicks: 9_999, rssKib: 900 * MIB },
    });
    sampler.trackAttempt('api', 1, 100);
    sampler.sample();
    proc.processes.delete(300);
    change(200, { userTicks: 150, rssKib: 60 * MIB, voluntary: 12 });
    sampler.sample();
    proc.processes.delete(200);
    proc.processes.delete(100);
    expect(sampler.endAttempt('api', 1)).toEqual({
      userMs: 1_600,
      systemMs: 300,
      peakRssBytes: 71 * 1024 ** 2,
      voluntarySwitches: 13,
      involuntarySwitches: 100,
    });
  });

  it('counts children that lived between two looks by what their parent collected, and none twice', () => {
    const { sampler, proc, change } = lab({ 100: { userTicks: 10 }, 200: { parent: 100, userTicks: 300 } });
    sampler.trackAttempt('api', 1, 100);
    sampler.sample();
    // 200 ended after another 20 ticks, and a child that was never seen used 180.
    proc.processes.delete(200);
    change(100, { childrenUserTicks: 500 });
    expect(sampler.endAttempt('api', 1)).toMatchObject({ userMs: 5_100 });
  });

  it('follows a process whose parent died', () => {
    const { sampler, proc, change } = lab({ 100: {}, 200: { parent: 100 } });
    sampler.trackAttempt('api', 1, 100);
    sampler.sample();
    proc.processes.delete(100);
    change(200, { parent: 1, userTicks: 40 });
    proc.processes.set(300, { parent: 200, userTicks: 2 });
    sampler.sample();
    expect(sampler.endAttempt('api', 1)).toMatchObject({ userMs: 420 });
  });

  it('does not take a later process of the same pid for its own', () => {
    const { sampler, proc } = lab({ 100: { userTicks: 5 } });
    sampler.trackAttempt('api', 1, 100);
    proc.processes.set(100, { userTicks: 9_999, startedTicks: 777_777, rssKib: 900 * MIB });
    sampler.sample();
    expect(sampler.endAttempt('api', 1)).toMatchObject({ userMs: 50, peakRssBytes: 0 });
  });

  it('counts the switches of every thread', () => {
    const { sampler } = lab({
      100: {
        voluntary: 1,
        involuntary: 2,
        threads: [
          [10, 20],
          [100, 200],
        ],
      },
    });
    sampler.trackAttempt('api', 1, 100);
    expect(sampler.endAttempt('api', 1)).toMatchObject({ voluntarySwitches: 111, involuntarySwitches: 222 });
  });

  it('is kept apart for attempts that run together', () => {
    const { sampler } = lab({ 100: { userTicks: 1 }, 200: { userTicks: 2 }, 201: { parent: 200, userTicks: 4 } });
    sampler.trackAttempt('api', 1, 100);
    sampler.trackAttempt('web', 1, 200);
    sampler.sample();
    expect(sampler.endAttempt('api', 1)).toMatchObject({ userMs: 10 });
    expect(sampler.endAttempt('web', 1)).toMatchObject({ userMs: 60 });
  });

  it('is empty for a process that was gone at once, and for a key that nobody gave', () => {
    const { sampler } = lab();
    sampler.trackAttempt('api', 1, 100);
    expect(sampler.endAttempt('api', 1)).toEqual({});
    expect(sampler.endAttempt('api', 2)).toEqual({});
  });

  it('costs one file a look for a process that does nothing', () => {
    const { sampler, proc } = lab({ 100: {}, 200: { parent: 100 } });
    sampler.trackAttempt('api', 1, 100);
    sampler.sample();
    proc.reads.length = 0;
    for (let look = 0; look < 10; look += 1) sampler.sample();
    expect(proc.reads.filter((path) => path.endsWith('/stat'))).toHaveLength(20);
    expect(proc.reads.filter((path) => path.endsWith('/status'))).toHaveLength(4);
  });
});

describe('the scan of all processes', () => {
  it('reads those of no attempt once in five looks, and finds a child of ours whose pid was theirs', () => {
    const { sampler, proc, clock } = lab({ 100: {}, 900: { userTicks: 9_999 } });
    sampler.trackAttempt('api', 1, 100);
    sampler.sample();
    proc.reads.length = 0;
    for (let look = 0; look < 5; look += 1) sampler.sample();
    expect(proc.reads.filter((path) => path === '900/stat')).toHaveLength(1);
    expect(proc.reads.filter((path) => path === '100/stat')).toHaveLength(5);
    proc.processes.set(900, { parent: 100, rssKib: 7, startedTicks: 12_345 });
    for (let look = 0; look < 5; look += 1) sampler.sample();
    clock.at = 1;
    expect(sampler.sample().attempts).toMatchObject([{ rssBytes: 7 * 1024 }]);
  });
});

describe("this machine's /proc", () => {
  it('tells of this very process where there is one, and of nothing elsewhere', () => {
    const sampler = createResourceSampler({ proc: procFiles, freeBytes: () => undefined, now: () => 0 });
    sampler.trackAttempt('self', 1, process.pid);
    const usage = sampler.endAttempt('self', 1);
    if (process.platform === 'linux') expect(usage.peakRssBytes).toBeGreaterThan(10 * 1024 ** 2);
    else expect(usage).toEqual({});
  });

  it('has no files of a process that does not exist', () => {
    expect(procFiles.read('0/stat')).toBeUndefined();
    expect(procFiles.list('0/task')).toBeUndefined();
  });
});
