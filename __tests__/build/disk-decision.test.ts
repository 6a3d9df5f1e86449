import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bytesOfContext, decideByDisk } from '../../src/build/disk-decision.js';

const known = (freeBytes: number) => ({ freeBytes, asking: false });

describe('what a turn may do by what is free', () => {
  it.each([
    ['goes without a limit and an estimate', { space: known(1), othersRun: false }, 'go'],
    ['goes with enough space', { space: known(100), expectedBytes: 50, minFreeBytes: 80, othersRun: true }, 'go'],
    ['goes at exactly the limit', { space: known(80), minFreeBytes: 80, othersRun: false }, 'go'],
    ['goes with a warning below its estimate', { space: known(40), expectedBytes: 50, othersRun: false }, 'warn'],
    ['waits below the limit while others run', { space: known(79), minFreeBytes: 80, othersRun: true }, 'wait'],
    ['fails below the limit when nothing else runs', { space: known(79), minFreeBytes: 80, othersRun: false }, 'fail'],
    [
      'minds the limit before its estimate',
      { space: known(10), expectedBytes: 50, minFreeBytes: 80, othersRun: false },
      'fail',
    ],
    ['waits for an answer where images are', { space: { asking: true }, minFreeBytes: 80, othersRun: false }, 'wait'],
    ['waits for no answer without a limit', { space: { asking: true }, expectedBytes: 50, othersRun: false }, 'go'],
    ['waits with a hand-off too', { space: known(79), minFreeBytes: 80, othersRun: true, isHandOff: true }, 'wait'],
    [
      'goes on with a hand-off that fits',
      { space: known(79), expectedBytes: 79, minFreeBytes: 80, othersRun: false, isHandOff: true },
      'go',
    ],
    [
      'fails a hand-off that does not',
      { space: known(78), expectedBytes: 79, minFreeBytes: 80, othersRun: false, isHandOff: true },
      'fail',
    ],
    ['goes where nothing can be seen', { space: { asking: false }, minFreeBytes: 80, othersRun: false }, 'go'],
  ] as const)('%s', (_, of, decision) => {
    expect(decideByDisk(of)).toBe(decision);
  });

  it('never waits when nothing runs and nothing is asked, and never begins below the limit', () => {
    const bytes = fc.option(fc.nat(1_000), { nil: undefined });
    fc.assert(
      fc.property(
        bytes,
        bytes,
        bytes,
        fc.boolean(),
        fc.boolean(),
        (free, expectedBytes, minFreeBytes, asking, othersRun) => {
          const space = { asking, ...(free === undefined ? {} : { freeBytes: free }) };
          const decision = decideByDisk({ space, expectedBytes, minFreeBytes, othersRun });
          if (!othersRun && !asking) expect(decision).not.toBe('wait');
          if (free !== undefined && minFreeBytes !== undefined && free < minFreeBytes)
            expect(['wait', 'fail']).toContain(decision);
          if (minFreeBytes === undefined) expect(['go', 'warn']).toContain(decision);
        },
      ),
    );
  });
});

it('a served podman writes a context three times, and who reads it where it lies once', () => {
  expect(bytesOfContext(100, 'podman-remote')).toBe(300);
  expect(bytesOfContext(100, 'buildah')).toBe(100);
});
