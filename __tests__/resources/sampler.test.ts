import { describe, expect, it } from '@jest/globals';
import { procFiles } from '../../src/host/proc-files.js';
import { createResourceSampler } from '../../src/resources/sampler.js';
import { type FakeProcess, fakeProc } from '../support/fake-proc.js';

const MIB = 1024;

function lab(processes: Record<number, FakeProcess> = {}, files: Record<string, string> = {}) {
  const proc = fakeProc(processes, files);
  const sampler = createResourceSampler({ proc, freeBytes: (folder) => (folder === '/images' ? 5_000 : undefined) });
  const change = (pid: number, values: FakeProcess) =>
    proc.processes.set(pid, { ...proc.processes.get(pid), ...values });
  return { proc, sampler, change };
}

describe('the vitals', () => {
  it('are the OOM kills and the free space, and absent where they cannot be had', () => {
    const { sampler } = lab({}, { vmstat: 'oom_kill 2\n' });
    sampler.setDiskFolder('/images');
    expect(sampler.vitals()).toEqual({ oomKills: 2, diskFreeBytes: 5_000 });
    expect(lab().sampler.vitals()).toEqual({});
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
    sampler.setDiskFolder('/images');
    proc.files.set('stat', 'cpu  130 0 100 870 0 0 0 0 0 0\n');
    expect(sampler.sample()).toEqual({
      cpuPercent: 30,
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
    expect(sampler.sample()).toEqual({ cpuPercent: 100 });
    proc.files.set('stat', 'cpu  100 0 0 300\n');
    expect(sampler.sample()).toEqual({ cpuPercent: 0 });
    expect(sampler.sample()).toEqual({});
  });

  it('is empty on a machine without /proc', () => {
    const proc = { read: () => undefined, list: () => undefined };
    const sampler = createResourceSampler({ proc, freeBytes: () => undefined });
    sampler.setDiskFolder('/images');
    sampler.trackAttempt('api 1', 100);
    expect(sampler.sample()).toEqual({});
    expect(sampler.endAttempt('api 1')).toEqual({});
  });

  it('does not look at processes when no attempt is followed', () => {
    const { proc, sampler } = lab({ 100: {} });
    sampler.sample();
    expect(proc.reads.filter((path) => path.startsWith('100'))).toEqual([]);
  });
});

describe('the usage of an attempt', () => {
  it('is that of its first look when it ends before a sample', () => {
    const { sampler, proc } = lab({
      100: { userTicks: 2, systemTicks: 1, rssKib: 4 * MIB, voluntary: 5, involuntary: 6 },
    });
    sampler.trackAttempt('api 1', 100);
    proc.processes.delete(100);
    expect(sampler.endAttempt('api 1')).toEqual({
      userMs: 20,
      systemMs: 10,
      peakRssBytes: 4 * 1024 ** 2,
      voluntarySwitches: 5,
      involuntarySwitches: 6,
    });
  });

  it('takes a last look, at a zombie too', () => {
    const { sampler, change } = lab({ 100: { userTicks: 1, rssKib: 8 * MIB } });
    sampler.trackAttempt('api 1', 100);
    change(100, { state: 'Z', userTicks: 90, rssKib: 0, voluntary: 7 });
    expect(sampler.endAttempt('api 1')).toMatchObject({
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
    sampler.trackAttempt('api 1', 100);
    sampler.sample();
    proc.processes.delete(300);
    change(200, { userTicks: 150, rssKib: 60 * MIB, voluntary: 12 });
    sampler.sample();
    proc.processes.delete(200);
    proc.processes.delete(100);
    expect(sampler.endAttempt('api 1')).toEqual({
      userMs: 1_600,
      systemMs: 300,
      peakRssBytes: 71 * 1024 ** 2,
      voluntarySwitches: 13,
      involuntarySwitches: 100,
    });
  });

  it('counts children that lived between two looks by what their parent collected, and none twice', () => {
    const { sampler, proc, change } = lab({ 100: { userTicks: 10 }, 200: { parent: 100, userTicks: 300 } });
    sampler.trackAttempt('api 1', 100);
    sampler.sample();
    // 200 ended after another 20 ticks, and a child that was never seen used 180.
    proc.processes.delete(200);
    change(100, { childrenUserTicks: 500 });
    expect(sampler.endAttempt('api 1')).toMatchObject({ userMs: 5_100 });
  });

  it('follows a process whose parent died', () => {
    const { sampler, proc, change } = lab({ 100: {}, 200: { parent: 100 } });
    sampler.trackAttempt('api 1', 100);
    sampler.sample();
    proc.processes.delete(100);
    change(200, { parent: 1, userTicks: 40 });
    proc.processes.set(300, { parent: 200, userTicks: 2 });
    sampler.sample();
    expect(sampler.endAttempt('api 1')).toMatchObject({ userMs: 420 });
  });

  it('does not take a later process of the same pid for its own', () => {
    const { sampler, proc } = lab({ 100: { userTicks: 5 } });
    sampler.trackAttempt('api 1', 100);
    proc.processes.set(100, { userTicks: 9_999, startedTicks: 777_777, rssKib: 900 * MIB });
    sampler.sample();
    expect(sampler.endAttempt('api 1')).toMatchObject({ userMs: 50, peakRssBytes: 0 });
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
    sampler.trackAttempt('api 1', 100);
    expect(sampler.endAttempt('api 1')).toMatchObject({ voluntarySwitches: 111, involuntarySwitches: 222 });
  });

  it('is kept apart for attempts that run together', () => {
    const { sampler } = lab({ 100: { userTicks: 1 }, 200: { userTicks: 2 }, 201: { parent: 200, userTicks: 4 } });
    sampler.trackAttempt('api 1', 100);
    sampler.trackAttempt('web 1', 200);
    sampler.sample();
    expect(sampler.endAttempt('api 1')).toMatchObject({ userMs: 10 });
    expect(sampler.endAttempt('web 1')).toMatchObject({ userMs: 60 });
  });

  it('is empty for a process that was gone at once, and for a key that nobody gave', () => {
    const { sampler } = lab();
    sampler.trackAttempt('api 1', 100);
    expect(sampler.endAttempt('api 1')).toEqual({});
    expect(sampler.endAttempt('api 2')).toEqual({});
  });

  it('costs one file a look for a process that does nothing', () => {
    const { sampler, proc } = lab({ 100: {}, 200: { parent: 100 } });
    sampler.trackAttempt('api 1', 100);
    sampler.sample();
    proc.reads.length = 0;
    for (let look = 0; look < 10; look += 1) sampler.sample();
    expect(proc.reads.filter((path) => path.endsWith('/stat'))).toHaveLength(20);
    expect(proc.reads.filter((path) => path.endsWith('/status'))).toHaveLength(4);
  });
});

describe("this machine's /proc", () => {
  it('tells of this very process where there is one, and of nothing elsewhere', () => {
    const sampler = createResourceSampler({ proc: procFiles, freeBytes: () => undefined });
    sampler.trackAttempt('self', process.pid);
    const usage = sampler.endAttempt('self');
    if (process.platform === 'linux') expect(usage.peakRssBytes).toBeGreaterThan(10 * 1024 ** 2);
    else expect(usage).toEqual({});
  });

  it('has no files of a process that does not exist', () => {
    expect(procFiles.read('0/stat')).toBeUndefined();
    expect(procFiles.list('0/task')).toBeUndefined();
  });
});
