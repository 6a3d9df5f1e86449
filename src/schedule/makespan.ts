import type { Job } from './order.js';

/**
 * When all jobs have ended, in milliseconds, that so many lanes work on in an order of their indexes: whenever a lane is
 * free it takes the first in the order that has all that it needs. What jobs need beside these jobs is there already;
 * needs must have no cycle.
 */
export type Makespan = (order: readonly number[], lanes: number) => number;

/** Prepares the jobs, so that many orders of them can be tried. */
export function makespanOf(jobs: readonly Job[]): Makespan {
  const indexes = new Map(jobs.map(({ name }, index) => [name, index]));
  const needs = jobs.map((job) => job.needs.flatMap((need) => indexes.get(need) ?? []));
  const times = jobs.map(({ ms }) => ms);

  return (order, lanes) => {
    const endsAt = times.map(() => Number.POSITIVE_INFINITY);
    const waiting = [...order];
    const busyUntil: number[] = [];
    let now = 0;
    const isReady = (job: number) => (needs[job] ?? []).every((need) => (endsAt[need] ?? 0) <= now);
    while (waiting.length > 0) {
      const at = busyUntil.length < lanes ? waiting.findIndex(isReady) : -1;
      if (at !== -1) {
        const [job = 0] = waiting.splice(at, 1);
        const end = now + (times[job] ?? 0);
        endsAt[job] = end;
        busyUntil.push(end);
        continue;
      }
      const next = Math.min(...busyUntil);
      if (next === Number.POSITIVE_INFINITY) throw new Error('jobs wait for each other');
      now = next;
      for (let lane = busyUntil.length - 1; lane >= 0; lane -= 1) {
        if ((busyUntil[lane] ?? 0) <= now) busyUntil.splice(lane, 1);
      }
    }
    return Math.max(0, ...endsAt);
  };
}
