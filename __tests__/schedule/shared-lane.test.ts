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
    const runs = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(runs, (waits) => {
        const all = waits.map((waitingSince, index) => run(`r${index}`, { limit: 1, waitingSince }));
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
