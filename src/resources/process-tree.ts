import type { Usage } from '../journal/events.js';
import type { ProcFiles } from './proc-files.js';
import type { ProcessStat } from './proc-text.js';
import { lookAtProcess, type ProcessLook, readStat } from './process-look.js';
import type { ProcessTable } from './process-table.js';

/** A process and all that descend from it, followed from look to look. */
export interface ProcessTree {
  /** Whether this process was of the tree at the last look. */
  has(pid: number): boolean;
  /** Takes in the processes that were born since, and looks at all. */
  grow(table: ProcessTable): void;
  /** Looks again at the processes that are known; cheap. */
  look(): void;
  /** Memory at the last look; undefined when nothing of the tree was seen. */
  rssBytes(): number | undefined;
  /** What the tree used, as far as it was seen; empty when nothing was. */
  usage(): Usage;
}

/** What a process used by itself. */
interface Spent {
  userMs: number;
  systemMs: number;
  voluntary: number;
  involuntary: number;
}

/** Follows the tree of this process, and takes the first look at it. */
export function createProcessTree(proc: ProcFiles, root: number): ProcessTree {
  const live = new Map<number, ProcessLook>();
  /** Last figures of the processes that have ended; undefined until there is any figure at all. */
  let departed: Spent | undefined;
  let collected = { userMs: 0, systemMs: 0 };
  let peakRssBytes = 0;
  let lastRssBytes = 0;

  const rootStat = readStat(proc, root);
  if (rootStat !== undefined) {
    live.set(root, lookAtProcess(proc, root, rootStat));
    tally();
  }

  return {
    has: (pid) => live.has(pid),
    grow,
    look,
    usage,
    rssBytes: () => (live.size === 0 ? undefined : lastRssBytes),
  };

  function grow(table: ProcessTable): void {
    dropGone((pid) => table.processes.get(pid));
    // A process whose parent died belongs to pid 1 now and is ours still: so every live one is a root.
    const waiting = [...live.keys()];
    const found = new Set(waiting);
    for (let pid = waiting.pop(); pid !== undefined; pid = waiting.pop()) {
      const stat = table.processes.get(pid);
      if (stat !== undefined) live.set(pid, lookAtProcess(proc, pid, stat, live.get(pid)));
      for (const child of table.children.get(pid) ?? []) {
        if (found.has(child)) continue;
        found.add(child);
        waiting.push(child);
      }
    }
    tally();
  }

  function look(): void {
    const stats = new Map([...live.keys()].map((pid) => [pid, readStat(proc, pid)]));
    dropGone((pid) => stats.get(pid));
    for (const [pid, last] of live) {
      const stat = stats.get(pid);
      // A last look reads all there is, however little the process did.
      if (stat !== undefined) live.set(pid, lookAtProcess(proc, pid, stat, { ...last, age: Infinity }));
    }
    tally();
  }

  /** A process has ended when its pid is free, or is another's: that one started at another time. */
  function dropGone(statOf: (pid: number) => ProcessStat | undefined): void {
    for (const [pid, last] of live) {
      if (statOf(pid)?.startedTicks === last.stat.startedTicks) continue;
      live.delete(pid);
      departed = sumOf([departed ?? NOTHING, spentBy(last)]);
    }
  }

  /** What can be known of one moment only: memory together, and the CPU time that parents have collected. */
  function tally(): void {
    let rssBytes = 0;
    let userMs = 0;
    let systemMs = 0;
    for (const { rssBytes: own, stat } of live.values()) {
      rssBytes += own;
      userMs += stat.userMs + stat.childrenUserMs;
      systemMs += stat.systemMs + stat.childrenSystemMs;
    }
    lastRssBytes = rssBytes;
    peakRssBytes = Math.max(peakRssBytes, rssBytes);
    collected = { userMs: Math.max(collected.userMs, userMs), systemMs: Math.max(collected.systemMs, systemMs) };
  }

  function usage(): Usage {
    if (live.size === 0 && departed === undefined) return {};
    const seen = sumOf([departed ?? NOTHING, ...[...live.values()].map(spentBy)]);
    // Two views of the same time, each with gaps: what was seen of each process, and what parents collected from
    // children that lived and died between two looks. The larger one is nearer.
    return {
      userMs: Math.max(seen.userMs, collected.userMs),
      systemMs: Math.max(seen.systemMs, collected.systemMs),
      peakRssBytes,
      voluntarySwitches: seen.voluntary,
      involuntarySwitches: seen.involuntary,
    };
  }
}

const NOTHING: Spent = { userMs: 0, systemMs: 0, voluntary: 0, involuntary: 0 };

function spentBy({ stat, voluntary, involuntary }: ProcessLook): Spent {
  return { userMs: stat.userMs, systemMs: stat.systemMs, voluntary, involuntary };
}

function sumOf(parts: readonly Spent[]): Spent {
  const sum = { ...NOTHING };
  for (const part of parts) {
    sum.userMs += part.userMs;
    sum.systemMs += part.systemMs;
    sum.voluntary += part.voluntary;
    sum.involuntary += part.involuntary;
  }
  return sum;
}
