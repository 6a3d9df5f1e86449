import type { LaneMode } from '../journal/events.js';

/** How many attempts may run now. A value: each incident makes the next one. */
export interface Lane {
  limit: number;
  /** The limit that the run began with. */
  start: number;
  /** Engine deaths so far. */
  incidents: number;
  /** Incidents after which builds go one at a time. */
  serialAfter: number;
}

/** Below two a lane is serial, and one crash alone does not make a run serial. */
const SMALLEST_PARALLEL = 2;

/** The lane at the start: `maxParallel`, or 1 when `serialAfter` is 0. */
export function firstLane(maxParallel: number, serialAfter: number): Lane {
  const start = serialAfter === 0 ? 1 : maxParallel;
  return { limit: start, start, incidents: 0, serialAfter };
}

/**
 * The lane after one more incident: half as wide, though not below 2 (nor wider than it was); 1 until the end once
 * `serialAfter` incidents have been seen. Build failures never come here: they say nothing about the engine.
 */
export function laneAfterIncident(lane: Lane): Lane {
  const incidents = lane.incidents + 1;
  const halved = Math.min(lane.limit, Math.max(SMALLEST_PARALLEL, Math.floor(lane.limit / 2)));
  return { ...lane, incidents, limit: incidents >= lane.serialAfter ? 1 : halved };
}

/** Hand-offs read and write whole images: more at once only wait for the disk. */
const MOST_HAND_OFFS = 2;

/** How many hand-offs may go on beside the builds of this lane. */
export function handOffLimit({ limit }: Lane): number {
  return Math.min(limit, MOST_HAND_OFFS);
}

/** What to call the lane in reports. */
export function laneMode(lane: Lane): LaneMode {
  if (lane.limit === 1) return 'serial';
  return lane.limit < lane.start ? 'reduced' : 'parallel';
}
