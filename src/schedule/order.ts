/** An image as far as its place in the order depends on it. */
export interface Job {
  name: string;
  /** How long it is expected to take, in milliseconds. */
  ms: number;
  /** Names of the jobs that must have ended before it begins. */
  needs: readonly string[];
}

/**
 * A rank for each job, the lowest first: whoever begins the longest chain of jobs that wait for each other, itself included,
 * goes first; jobs alike stay in the order in which they were written. Without needs this is the longest first, which ends
 * within a third of the best that any order can do (Graham 1969, https://doi.org/10.1137/0117039). Needs must have no cycle.
 */
export function rankJobs(jobs: readonly Job[]): Map<string, number> {
  const chains = chainLengths(jobs);
  const lengthOf = ({ name }: Job) => chains.get(name) ?? 0;
  const ordered = [...jobs].sort((a, b) => lengthOf(b) - lengthOf(a));
  return new Map(ordered.map(({ name }, rank) => [name, rank]));
}

/**
 * No order ends sooner than this, in milliseconds: neither than its longest chain, nor than its lanes can share the work.
 */
export function lowerBound(jobs: readonly Job[], lanes: number): number {
  const sum = jobs.reduce((total, { ms }) => total + ms, 0);
  return Math.max(0, sum / lanes, ...chainLengths(jobs).values());
}

/** Of each job the time from its beginning to the end of the longest chain that it begins, in milliseconds. */
function chainLengths(jobs: readonly Job[]): Map<string, number> {
  const waiting = new Map<string, Job[]>();
  for (const job of jobs) {
    for (const need of job.needs) {
      const others = waiting.get(need);
      if (others === undefined) waiting.set(need, [job]);
      else others.push(job);
    }
  }
  const lengths = new Map<string, number>();
  // Without recursion, as a chain may have 10,000 links: a job is looked at again when those that wait for it are known.
  const pending = [...jobs];
  for (let job = pending.at(-1); job !== undefined; job = pending.at(-1)) {
    const unknown = (waiting.get(job.name) ?? []).filter(({ name }) => !lengths.has(name));
    if (lengths.has(job.name) || unknown.length === 0) {
      const after = (waiting.get(job.name) ?? []).map(({ name }) => lengths.get(name) ?? 0);
      lengths.set(job.name, job.ms + after.reduce((most, ms) => Math.max(most, ms), 0));
      pending.pop();
    } else pending.push(...unknown);
  }
  return lengths;
}
