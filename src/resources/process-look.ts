import type { ProcFiles } from './proc-files.js';
import { type ProcessStat, parseProcessStat, parseStatus } from './proc-text.js';

/** What is known of one process. */
export interface ProcessLook {
  stat: ProcessStat;
  rssBytes: number;
  /** Context switches of all its threads. */
  voluntary: number;
  involuntary: number;
  /** Looks since its status was read. */
  age: number;
}

/** A process of very many threads is known by its first ones, so that no attempt makes a sample expensive. */
const MOST_THREADS = 64;

/** Status files are the dearest to read: the one of a process that did nothing is read at every fifth look only. */
const OLDEST = 4;

/** /proc/PID/stat of a process; undefined when it is gone. */
export function readStat(proc: ProcFiles, pid: number): ProcessStat | undefined {
  const stat = proc.read(`${pid}/stat`);
  return stat === undefined ? undefined : parseProcessStat(stat);
}

/** Looks at a process whose stat is this, and takes from the look before what need not be read again. */
export function lookAtProcess(proc: ProcFiles, pid: number, stat: ProcessStat, before?: ProcessLook): ProcessLook {
  if (before !== undefined && before.age < OLDEST && isIdle(before.stat, stat)) {
    return { ...before, stat, age: before.age + 1 };
  }
  const main = parseStatus(proc.read(`${pid}/status`) ?? '');
  let { voluntary, involuntary } = main;
  if (stat.threads > 1) {
    // A status file counts the switches of one thread only; the process's own is its main thread's.
    const others = (proc.list(`${pid}/task`) ?? []).filter((thread) => thread !== String(pid));
    for (const thread of others.slice(0, MOST_THREADS - 1)) {
      const status = parseStatus(proc.read(`${pid}/task/${thread}/status`) ?? '');
      voluntary += status.voluntary;
      involuntary += status.involuntary;
    }
  }
  return {
    stat,
    rssBytes: main.rssBytes,
    // Threads that ended take their counts with them, and so does a process that ends while it is read.
    voluntary: Math.max(voluntary, before?.voluntary ?? 0),
    involuntary: Math.max(involuntary, before?.involuntary ?? 0),
    age: 0,
  };
}

function isIdle(before: ProcessStat, now: ProcessStat): boolean {
  return before.userMs === now.userMs && before.systemMs === now.systemMs && before.rssPages === now.rssPages;
}
