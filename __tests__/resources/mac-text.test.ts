import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { parseSysctl, parseVmStat } from '../../src/resources/mac-text.js';
import { LIST_PROCESSES, parseProcessList, sumTree } from '../../src/resources/process-list.js';

const VM_STAT = `Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                               10000.
Pages active:                            200000.
Pages inactive:                           20000.
Pages speculative:                         3000.
Pages throttled:                              0.
Pages wired down:                        100000.
Pages purgeable:                            400.
"Translation faults":                 123456789.
`;

describe('what a Mac tells', () => {
  it('gives the memory that can be had without swapping', () => {
    const available = 33_400 * 16_384;
    expect(parseVmStat(VM_STAT, 8 * 2 ** 30)).toEqual({
      memoryAvailableBytes: available,
      memoryUsedBytes: 8 * 2 ** 30 - available,
    });
    expect(parseVmStat('', 8 * 2 ** 30)).toEqual({});
  });

  it('gives swap and open files', () => {
    const text = 'total = 2048.00M  used = 1024.50M  free = 1023.50M  (encrypted)\n12345\n';
    expect(parseSysctl(text)).toEqual({ swapUsedBytes: 1024.5 * 2 ** 20, openFiles: 12_345 });
    expect(parseSysctl(text.replaceAll('.', ','))).toMatchObject({ swapUsedBytes: 1024.5 * 2 ** 20 });
    expect(parseSysctl('')).toEqual({});
  });

  it('gives each process, with times as macOS and as Linux write them', () => {
    const text = '    1     0   9000   1:02.50\n  100     1  20480 12:00.00\n 101 100 1024 1-02:03:04\n  ps: error\n';
    expect(parseProcessList(text)).toEqual([
      { pid: 1, parent: 0, rssBytes: 9_000 * 1024, cpuMs: 62_500 },
      { pid: 100, parent: 1, rssBytes: 20 * 2 ** 20, cpuMs: 720_000 },
      { pid: 101, parent: 100, rssBytes: 2 ** 20, cpuMs: (26 * 3600 + 184) * 1000 },
    ]);
  });

  it('gives the sum of a tree, once for each process', () => {
    const process = (pid: number, parent: number) => ({ pid, parent, rssBytes: pid, cpuMs: 1 });
    const list = [process(1, 0), process(10, 1), process(20, 10), process(30, 20), process(40, 1)];
    expect(sumTree(list, 10)).toEqual({ rssBytes: 60, cpuMs: 3 });
    expect(sumTree([process(5, 6), process(6, 5)], 5)).toEqual({ rssBytes: 11, cpuMs: 2 });
    expect(sumTree(list, 99)).toBeUndefined();
  });

  it('is understood from the ps of this machine, too', () => {
    const { stdout } = spawnSync(LIST_PROCESSES.file, LIST_PROCESSES.args, {
      encoding: 'utf8',
      env: { ...process.env, ...LIST_PROCESSES.env },
    });
    const own = parseProcessList(stdout ?? '').find(({ pid }) => pid === process.pid);
    if (stdout) expect(own?.rssBytes).toBeGreaterThan(10 * 2 ** 20);
  });
});
