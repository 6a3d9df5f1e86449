/** An earlier run on the same engine, as far as the next one can learn a lane from it. */
export interface EarlierRun {
  /** The lane that it began with, and the one that it ended with. */
  startLane: number;
  endLane: number;
  incidents: number;
}

/** The lane to begin with, and why, in one sentence. */
export interface LearntLane {
  limit: number;
  why: string;
}

/** So many runs in a row without an incident are reason enough to try one more at a time. */
const CLEAN_RUNS = 3;

/**
 * Where to begin, by what earlier runs came to, the latest first: one step above the lane in which the last run came through
 * its incidents; as wide as the last run when that had none, and one step wider after three such runs. Never above `most`.
 */
export function learntLane(runs: readonly EarlierRun[], most: number): LearntLane {
  const [last] = runs;
  if (last === undefined) return { limit: most, why: 'nothing is known of earlier runs' };
  if (last.incidents > 0) {
    const limit = clamp(Math.min(last.startLane, last.endLane + 1), most);
    return { limit, why: `the last run had ${count(last.incidents)} and came through ${last.endLane} at a time` };
  }
  const began = last.startLane;
  if (began >= most) return { limit: most, why: 'the last run had no incident' };
  const clean = runs.findIndex(({ incidents, startLane }) => incidents > 0 || startLane !== began);
  const inARow = clean === -1 ? runs.length : clean;
  if (inARow < CLEAN_RUNS)
    return { limit: clamp(began, most), why: `the last run had no incident at ${began} at a time` };
  return {
    limit: clamp(began + 1, most),
    why: `${inARow} runs had no incident at ${began} at a time: one more is tried`,
  };
}

function clamp(limit: number, most: number): number {
  return Math.max(1, Math.min(limit, most));
}

function count(incidents: number): string {
  return incidents === 1 ? 'an incident' : `${incidents} incidents`;
}
