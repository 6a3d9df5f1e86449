import { describe, expect, it } from '@jest/globals';
import {
  parseListeners,
  parseOomKills,
  parseOpenFiles,
  parseOpenFilesLimit,
  parsePressure,
} from '../../src/resources/counter-text.js';

describe('the counters of the kernel', () => {
  it('gives the count of OOM kills, where the kernel has one', () => {
    expect(parseOomKills('pgfault 5\noom_kill 3\nnuma_hit 1\n')).toBe(3);
    expect(parseOomKills('pgfault 5\n')).toBeUndefined();
  });

  it('give the share of time that tasks waited', () => {
    const pressure =
      'some avg10=5.85 avg60=3.37 avg300=1.20 total=23655480\nfull avg10=0.10 avg60=0.00 avg300=0.00 total=0\n';
    expect(parsePressure(pressure)).toBe(5.85);
    expect(parsePressure('')).toBeUndefined();
  });

  it('give the open files of the machine, and the limit of a process', () => {
    expect(parseOpenFiles('709\t0\t2466165\n')).toBe(709);
    expect(parseOpenFiles('')).toBeUndefined();
    const limits =
      'Limit                     Soft Limit           Hard Limit           Units     \nMax open files            1024                 524288               files     \n';
    expect(parseOpenFilesLimit(limits)).toBe(1024);
    expect(parseOpenFilesLimit(limits.replace('1024     ', 'unlimited'))).toBeUndefined();
  });

  it('give the sockets that listen at a path, and not the connections there', () => {
    const unix = [
      'Num       RefCount Protocol Flags    Type St Inode Path',
      '0000000000000000: 00000002 00000000 00010000 0001 01 24680 /run/docker.sock',
      '0000000000000000: 00000003 00000000 00000000 0001 03 24681 /run/docker.sock',
      '0000000000000000: 00000002 00000000 00010000 0001 01 24682 /run/docker.sock.old',
      '0000000000000000: 00000002 00000000 00010000 0001 01    77 /run/a path with spaces',
      '0000000000000000: 00000002 00000000 00010000 0001 01 24683 @/run/docker.sock',
      '',
    ].join('\n');
    expect(parseListeners(unix, new Set(['/run/docker.sock']))).toEqual(new Set(['24680']));
    expect(parseListeners(unix, new Set(['/run/a path with spaces']))).toEqual(new Set(['77']));
    expect(parseListeners('', new Set(['/run/docker.sock']))).toEqual(new Set());
  });
});
