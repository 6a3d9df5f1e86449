import { describe, expect, it } from '@jest/globals';
import { type EarlierRun, learntLane } from '../../src/schedule/learnt-lane.js';

const clean = (lane: number): EarlierRun => ({ startLane: lane, endLane: lane, incidents: 0 });
const held = (lane: number): EarlierRun => ({ ...clean(lane), laneLearnt: true });
const crashed = (startLane: number, endLane: number, incidents = 2): EarlierRun => ({ startLane, endLane, incidents });

describe('the lane that a run begins with', () => {
  it.each<[string, EarlierRun[], number]>([
    ['is the widest without an earlier run', [], 4],
    ['is the widest after a clean run at it', [clean(4)], 4],
    ['is one above serial after a run that ended so', [crashed(4, 1)], 2],
    ['is one above what worked after a run that was reduced', [crashed(4, 2, 1)], 3],
    ['does not climb above what crashed when it was held back', [{ ...crashed(2, 2, 1), laneLearnt: true }], 2],
    ['is one above a run that came through an incident with all it was allowed', [crashed(2, 2, 1)], 3],
    ['stays after one clean run', [held(2), crashed(4, 1)], 2],
    ['stays after two clean runs', [held(2), held(2), crashed(4, 1)], 2],
    ['is one wider after three clean runs', [held(2), held(2), held(2), crashed(4, 1)], 3],
    ['waits for three clean runs again at the next step', [held(3), held(2), held(2), held(2)], 3],
    ['is the widest after clean runs that were allowed less', [clean(2)], 4],
    ['goes by the run before one that was allowed less', [clean(2), crashed(4, 1)], 2],
    ['is as wide as a clean run that was allowed more than was learnt', [clean(3), crashed(4, 1)], 3],
    ['is never above what is asked for', [clean(8)], 4],
    ['goes by no run that did not fill its lane', [{ ...clean(4), mostAtOnce: 1 }, crashed(4, 1)], 2],
    ['goes by one that filled it', [{ ...clean(4), mostAtOnce: 4 }, crashed(4, 1)], 4],
    ['goes by no clean run that was cancelled', [{ ...clean(4), result: 'cancelled' }, crashed(4, 1)], 2],
    ['goes by no clean run that was killed', [{ ...clean(4), result: 'interrupted' }, crashed(4, 1)], 2],
    ['goes by a cancelled run that had incidents', [{ ...crashed(4, 1), result: 'cancelled' }, clean(4)], 2],
    ['is at least one', [{ ...crashed(1, 1), laneLearnt: true }], 1],
  ])('%s', (_, runs, limit) => {
    expect(learntLane(runs, 4).limit).toBe(limit);
  });
});
