import { makespanOf } from './makespan.js';

/** An image as far as its place in the order depends on it. */
export interface Job {
  name: string;
  /** How long it is expected to take, in milliseconds. */
  ms: number;
  /** Names of the jobs that must have ended before it begins. */
  needs: readonly string[];
}

/** An order that ends within this share of the lower bound is kept: times are expected, and swaps only suit their exact values. */
const GOOD_ENOUGH = 0.05;
/** Swaps are sought for so long as they might gain more than this share. */
const WORTH_A_TRY = 0.01;
/** In larger sets the longest first is good enough, and each try takes longer. */
const MOST_JOBS = 50;
/** About fifteen milliseconds for as many jobs. */
const MOST_TRIES = 1_000;

/**
 * A rank for each job, the lowest first: whoever begins the longest chain of jobs that wait for each other, itself included,
 * goes first; jobs alike stay in the order in which they were written. Without needs this is the longest first, which ends
 * within a third of the best that any order can do (Graham 1969, https://doi.org/10.1137/0117039); where so many lanes would
 * end late with it, jobs are swapped for as long as that lets them end sooner. Needs must have no cycle.
 */
export function rankJobs(jobs: readonly Job[], lanes: number): Map<string, number> {
  const chains = chainLengths(jobs);
  const lengthOf = ({ name }: Job) => chains.get(name) ?? 0;
  const ordered = [...jobs].sort((a, b) => lengthOf(b) - lengthOf(a));
  const improved = jobs.length > MOST_JOBS ? ordered : improve(ordered, lanes);
  return new Map(improved.map(({ name }, rank) => [name, rank]));
}

/** Swaps two jobs of the order whenever the lanes end sooner with it, the earliest such pair first. */
function improve(ordered: Job[], lanes: number): Job[] {
  const bound = lowerBound(ordered, lanes);
  const makespan = makespanOf(ordered);
  let order = ordered.map((_, index) => index);
  let end = makespan(order, lanes);
  if (end <= bound * (1 + GOOD_ENOUGH)) return ordered;
  let tries = 0;
  for (let pairs = pairsOf(order.length); end > bound * (1 + WORTH_A_TRY) && tries < MOST_TRIES; tries += 1) {
    const pair = pairs.next();
    if (pair.done === true) break;
    const tried = swap(order, pair.value);
    const sooner = makespan(tried, lanes);
    if (sooner >= end) continue;
    [order, end, pairs] = [tried, sooner, pairsOf(order.length)];
  }
  return order.flatMap((index) => ordered[index] ?? []);
}

function* pairsOf(count: number): Generator<readonly [number, number]> {
  for (let one = 0; one < count; one += 1) {
    for (let other = one + 1; other < count; other += 1) yield [one, other];
  }
}

function swap(order: readonly number[], [one, other]: readonly [number, number]): number[] {
  const [a = 0, b = 0] = [order[one], order[other]];
  return order.with(one, b).with(other, a);
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
