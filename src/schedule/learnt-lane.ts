/** An earlier run on the same engine, as far as the next one can learn a lane from it. */
export interface EarlierRun {
  /** The lane that it began with, and the one that it ended with. */
  startLane: number;
  endLane: number;
  /** Whether earlier runs had taught it to begin with less than it was allowed. */
  laneLearnt?: true | undefined;
  incidents: number;
  /** The most builds that it ran at the same time; absent when nobody has counted. */
  mostAtOnce?: number | undefined;
  result?: 'success' | 'failure' | 'cancelled' | 'interrupted';
}

/** The lane to begin with, and why, in one sentence. */
export interface LearntLane {
  limit: number;
  why: string;
}

/** So many runs in a row without an incident are reason enough to try one more at a time. */
const CLEAN_RUNS = 3;

/**
 * Where to begin, by what earlier runs came to, the latest first: one step above the lane in which the last run ended after
 * its incidents; as wide as the last run when that had none, and one step wider after three such runs. Never above `most`.
 * A run without an incident that was not allowed more, did not fill its lane, or was ended by somebody, tells nothing of more.
 */
export function learntLane(earlier: readonly EarlierRun[], most: number): LearntLane {
  const runs = earlier.filter((run) => run.incidents > 0 || isClean(run));
  const at = runs.findIndex((run) => run.incidents > 0 || run.laneLearnt === true || run.startLane >= most);
  const last = runs[at];
  if (last === undefined) return { limit: most, why: 'no earlier run says that it is too many' };
  const since = runs.slice(0, at).map(({ startLane }) => startLane);
  const { limit, why } = last.incidents > 0 ? afterIncidents(last) : afterCleanRuns(last, runs.slice(at));
  return { limit: Math.max(1, Math.min(Math.max(limit, ...since), most)), why };
}

/** Whoever ended it may have seen what we have not. */
function isClean({ startLane, mostAtOnce = startLane, result = 'success' }: EarlierRun): boolean {
  return mostAtOnce >= startLane && result !== 'cancelled' && result !== 'interrupted';
}

function afterIncidents({ startLane, endLane, laneLearnt, incidents }: EarlierRun): LearntLane {
  const limit = laneLearnt === true ? Math.min(startLane, endLane + 1) : endLane + 1;
  const had = incidents === 1 ? 'an incident' : `${incidents} incidents`;
  return { limit, why: `the last run had ${had} and ended ${endLane} at a time` };
}

function afterCleanRuns({ startLane: began }: EarlierRun, runs: readonly EarlierRun[]): LearntLane {
  const clean = runs.findIndex(({ incidents, startLane }) => incidents > 0 || startLane !== began);
  const inARow = clean === -1 ? runs.length : clean;
  if (inARow < CLEAN_RUNS) return { limit: began, why: `the last run had no incident at ${began} at a time` };
  return { limit: began + 1, why: `${inARow} runs had no incident at ${began} at a time: one more is tried` };
}
