import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseCpuTicks, parseLoad, parseMemory, parseProcessStat, parseStatus } from '../../src/resources/proc-text.js';

const MEMINFO =
  'MemTotal:       7000000 kB\nMemFree:         100000 kB\nMemAvailable:   3000000 kB\nSwapCached:           8 kB\nSwapTotal:      2000000 kB\nSwapFree:       1500000 kB\n';

describe('the text of /proc', () => {
  it('gives the busy share of all CPUs, without counting guests twice', () => {
    const stat = 'cpu  100 20 30 400 50 6 7 8 90 10\ncpu0 1 1 1 1 1 1 1 1 1 1\nintr 5\n';
    expect(parseCpuTicks(stat)).toEqual({ busy: 171, total: 621, user: 120, system: 43, steal: 8 });
  });

  it.each([
    ['nothing', ''],
    ['CPUs without their sum', 'cpu0 1 2 3 4\n'],
    ['a line that is cut', 'cpu  1 2\n'],
  ])('gives no CPU figure for %s', (_, stat) => {
    expect(parseCpuTicks(stat)).toBeUndefined();
  });

  it('gives memory and swap in bytes', () => {
    expect(parseMemory(MEMINFO)).toEqual({
      used: 4_000_000 * 1024,
      available: 3_000_000 * 1024,
      swapUsed: 500_000 * 1024,
    });
  });

  it('leaves out what old kernels and small machines do not tell', () => {
    expect(parseMemory('MemTotal:  100 kB\nSwapTotal: 0 kB\n')).toEqual({});
    expect(parseMemory('')).toEqual({});
  });

  it('gives the load of the last minute', () => {
    expect(parseLoad('0.42 0.50 0.60 1/234 5678\n')).toBe(0.42);
    expect(parseLoad('')).toBeUndefined();
  });

  it.each([
    ['a plain name', 'podman'],
    ['spaces and parentheses', 'a) S 1 (b) 9 (('],
    ['a newline', 'a\nb'],
  ])('reads a process whose name has %s', (_, name) => {
    const stat = `77 (${name}) S 5 77 77 0 -1 4194304 1 2 3 4 50 60 70 80 20 0 9 0 1234 1000 25 18446744073709551615\n`;
    expect(parseProcessStat(stat)).toEqual({
      parent: 5,
      userMs: 500,
      systemMs: 600,
      childrenUserMs: 700,
      childrenSystemMs: 800,
      threads: 9,
      startedTicks: 1234,
      rssPages: 25,
    });
  });

  it('takes a stat that is cut for none', () => {
    expect(parseProcessStat('77 (podman) S 5 77')).toBeUndefined();
    expect(parseProcessStat('')).toBeUndefined();
  });

  it('tells voluntary switches from involuntary ones, which end in the same words', () => {
    const status = 'Name:\tx\nVmRSS:\t 12 kB\nnonvoluntary_ctxt_switches:\t7\nvoluntary_ctxt_switches:\t3\n';
    expect(parseStatus(status)).toEqual({ rssBytes: 12 * 1024, voluntary: 3, involuntary: 7 });
    expect(parseStatus('')).toEqual({ rssBytes: 0, voluntary: 0, involuntary: 0 });
  });

  it('never makes a parser throw', () => {
    const parsers = [parseCpuTicks, parseMemory, parseLoad, parseProcessStat, parseStatus];
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.nat(MEMINFO.length).map((cut) => MEMINFO.slice(0, cut)),
        ),
        (text) => {
          for (const parse of parsers) parse(text);
        },
      ),
    );
  });
});
