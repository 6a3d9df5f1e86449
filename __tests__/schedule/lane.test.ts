import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { firstLane, type Lane, laneAfterIncident, laneMode } from '../../src/schedule/lane.js';

const afterIncidents = (lane: Lane, incidents: number): Lane =>
  Array.from({ length: incidents }).reduce<Lane>((current) => laneAfterIncident(current), lane);

describe('the lane', () => {
  it.each([
    ['two lanes, no incident', 2, 2, 0, 2, 'parallel'],
    ['two lanes, one incident: one crash does not make it serial', 2, 2, 1, 2, 'parallel'],
    ['two lanes, crashes that repeat', 2, 2, 2, 1, 'serial'],
    ['three lanes, one incident', 3, 2, 1, 2, 'reduced'],
    ['four lanes, one incident', 4, 3, 1, 2, 'reduced'],
    ['nine lanes, two incidents', 9, 3, 2, 2, 'reduced'],
    ['sixteen lanes, two incidents', 16, 5, 2, 4, 'reduced'],
    ['serial from the start', 8, 0, 0, 1, 'serial'],
    ['serial at the first incident', 8, 1, 1, 1, 'serial'],
    ['one lane stays one lane', 1, 5, 3, 1, 'serial'],
  ])('%s', (_name, maxParallel, serialAfter, incidents, limit, mode) => {
    const lane = afterIncidents(firstLane(maxParallel, serialAfter), incidents);
    expect({ limit: lane.limit, mode: laneMode(lane) }).toEqual({ limit, mode });
  });

  it('never widens, never reaches zero, and stays at one once it is serial', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: 0, max: 6 }),
        fc.integer({ min: 0, max: 12 }),
        (max, serialAfter, incidents) => {
          const lane = afterIncidents(firstLane(max, serialAfter), incidents);
          const next = laneAfterIncident(lane);
          expect(next.limit).toBeGreaterThanOrEqual(1);
          expect(next.limit).toBeLessThanOrEqual(lane.limit);
          if (incidents >= serialAfter) expect(lane.limit).toBe(1);
          else expect(lane.limit).toBeGreaterThanOrEqual(Math.min(2, max));
        },
      ),
    );
  });
});
