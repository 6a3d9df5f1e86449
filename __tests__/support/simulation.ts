import type { Job } from '../../src/schedule/order.js';

/** When all jobs have ended that so many lanes work on, each taking the lowest rank that is ready; in milliseconds. */
export function simulate(jobs: readonly Job[], ranks: ReadonlyMap<string, number>, lanes: number): number {
  const waiting = new Set(jobs);
  const ended = new Set<string>();
  let running: { job: Job; until: number }[] = [];
  let now = 0;
  while (waiting.size > 0 || running.length > 0) {
    const ready = [...waiting]
      .filter(({ needs }) => needs.every((need) => ended.has(need)))
      .sort((a, b) => (ranks.get(a.name) ?? 0) - (ranks.get(b.name) ?? 0));
    for (const job of ready.slice(0, lanes - running.length)) {
      waiting.delete(job);
      running.push({ job, until: now + job.ms });
    }
    if (running.length === 0) throw new Error('jobs wait for each other');
    now = Math.min(...running.map(({ until }) => until));
    for (const { job, until } of running) if (until === now) ended.add(job.name);
    running = running.filter(({ until }) => until > now);
  }
  return now;
}
