import type { EngineSample } from '../journal/events.js';
import { parseOpenFilesLimit } from './counter-text.js';
import type { ProcFiles } from './proc-files.js';
import { parseStatus } from './proc-text.js';
import { readStat } from './process-look.js';
import { findServerProcess, type ServerProcess } from './server-process.js';

/** Looks for a server that is not there are this far apart: each reads all of /proc. */
const SEARCH_EVERY_MS = 5_000;
/** USER_HZ is 100 on every architecture that Node runs on. */
const MS_PER_TICK = 10;

/** Looks at the process that serves on a unix socket. */
export interface EngineLook {
  /** Undefined while it is not found. A server that was replaced is found again, at the latest after five seconds. */
  sample(): EngineSample | undefined;
  /** When the process that serves now was started, in milliseconds since the epoch; undefined while none is found. */
  servingSince(): number | undefined;
}

/** A look at whoever serves on one of these paths, which all mean one socket. */
export function createEngineLook(proc: ProcFiles, now: () => number, paths: ReadonlySet<string>): EngineLook {
  let server: (ServerProcess & { limit: number | undefined }) | undefined;
  let before: { at: number; cpuMs: number } | undefined;
  let searchAt = Number.NEGATIVE_INFINITY;

  return {
    sample: () => look() ?? (search() ? look() : undefined),
    servingSince() {
      const uptimeMs = 1_000 * Number.parseFloat(proc.read('uptime') ?? '');
      const serving = findServerProcess(proc, paths);
      if (serving === undefined || Number.isNaN(uptimeMs)) return undefined;
      return now() - uptimeMs + serving.startedTicks * MS_PER_TICK;
    },
  };

  function look(): EngineSample | undefined {
    if (server === undefined) return undefined;
    const stat = readStat(proc, server.pid);
    const { rssBytes } = parseStatus(proc.read(`${server.pid}/status`) ?? '');
    // A zombie has no memory, and serves nobody.
    if (stat?.startedTicks !== server.startedTicks || rssBytes === 0) {
      server = undefined;
      before = undefined;
      return undefined;
    }
    const at = now();
    const cpuMs = stat.userMs + stat.systemMs;
    const cpuPercent = before === undefined ? undefined : cpuShare(cpuMs - before.cpuMs, at - before.at);
    before = { at, cpuMs };
    const openFiles = proc.list(`${server.pid}/fd`)?.length;
    return {
      pid: server.pid,
      ...(cpuPercent === undefined ? {} : { cpuPercent }),
      rssBytes,
      threads: stat.threads,
      ...(openFiles === undefined ? {} : { openFiles }),
      ...(server.limit === undefined ? {} : { openFilesLimit: server.limit }),
    };
  }

  function search(): boolean {
    if (now() < searchAt) return false;
    searchAt = now() + SEARCH_EVERY_MS;
    const found = findServerProcess(proc, paths);
    if (found === undefined) return false;
    server = { ...found, limit: parseOpenFilesLimit(proc.read(`${found.pid}/limits`) ?? '') };
    return true;
  }
}

/** Busy share of one CPU, 200 for two of them; undefined when no time has passed. */
export function cpuShare(cpuMs: number, elapsedMs: number): number | undefined {
  return elapsedMs <= 0 ? undefined : Math.max(0, Math.round((1000 * cpuMs) / elapsedMs) / 10);
}
