import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mayTakePlace, type SharingRun } from '../../src/schedule/shared-lane.js';

const run = (id: string, values: Partial<SharingRun> = {}): SharingRun => ({
  id,
  limit: 2,
  running: 0,
  seenAt: 1_000,
  ...values,
});

describe('a build of one of several runs on an engine', () => {
  it.each<[string, SharingRun, SharingRun[], boolean]>([
    ['begins when there is no other run', run('a', { running: 7 }), [], true],
    ['begins while the lane of all has room', run('a', { running: 1 }), [run('b')], true],
    ['waits while the lane of all is full', run('a', { running: 1 }), [run('b', { running: 1 })], false],
    ['obeys the narrowest lane', run('a', { limit: 4 }), [run('b', { limit: 1, running: 1 })], false],
    [
      'lets who waits longer go first',
      run('a', { running: 1, waitingSince: 9 }),
      [run('b', { waitingSince: 8 })],
      false,
    ],
    [
      'does not wait for who waits since later',
      run('a', { running: 1, waitingSince: 8 }),
      [run('b', { waitingSince: 9 })],
      true,
    ],
    ['does not begin alone beside others', run('a', { alone: true }), [run('b', { running: 1 })], false],
    ['begins alone when nothing runs', run('a', { alone: true }), [run('b')], true],
    ['does not begin beside one that is alone', run('a'), [run('b', { limit: 9, running: 1, alone: true })], false],
    [
      'does not begin before one that waits longer to be alone',
      run('a', { waitingSince: 9 }),
      [run('b', { waitingSince: 8, alone: true }), run('c', { limit: 9 })],
      false,
    ],
    [
      'does not begin alone before one that waits longer',
      run('a', { waitingSince: 9, alone: true }),
      [run('b', { waitingSince: 8 })],
      false,
    ],
    [
      'does not wait for one that has not said for long that it waits',
      run('a', { running: 1, waitingSince: 9 }),
      [run('b', { waitingSince: 1, seenAt: -5_000 })],
      true,
    ],
  ])('%s', (_, own, others, may) => {
    expect(mayTakePlace(own, others, 1_000)).toBe(may);
  });

  it('begins for exactly one of those that wait, while there is one place', () => {
    const waiting = fc.record({ waitingSince: fc.integer({ min: 1, max: 5 }), isAlone: fc.boolean() });
    fc.assert(
      fc.property(fc.array(waiting, { minLength: 2, maxLength: 6 }), (waits) => {
        const all = waits.map(({ waitingSince, isAlone }, index) =>
          run(`r${index}`, { limit: 1, waitingSince, ...(isAlone ? { alone: true } : {}) }),
        );
        const go = all.filter((one) =>
          mayTakePlace(
            one,
            all.filter((other) => other !== one),
            1_000,
          ),
        );
        expect(go).toHaveLength(1);
      }),
    );
  });
});
