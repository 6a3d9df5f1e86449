import type { ProcFiles } from './proc-files.js';
import type { ProcessStat } from './proc-text.js';
import { readStat } from './process-look.js';

/** Every process at one moment, shared by all trees that grow from it. */
export interface ProcessTable {
  processes: Map<number, ProcessStat>;
  children: Map<number, number[]>;
}

/** Others are read again at every fifth scan, should one of them have ended and its pid be another's by now. */
const READ_ALL_EVERY = 5;

/**
 * Scans /proc, time after time. What is not followed needs to be read once only, to know that it is none of ours: its
 * parent does not change, but to one that is none of ours either. Undefined where there is no /proc.
 */
export function createProcessScan(proc: ProcFiles): (isFollowed: (pid: number) => boolean) => ProcessTable | undefined {
  let before = new Map<number, ProcessStat>();
  let scans = 0;

  return (isFollowed) => {
    const names = proc.list('');
    if (names === undefined) return undefined;
    scans += 1;
    const readAll = scans % READ_ALL_EVERY === 0;
    const table: ProcessTable = { processes: new Map(), children: new Map() };
    for (const name of names) {
      const pid = Number(name);
      if (!Number.isInteger(pid)) continue;
      const known = readAll || isFollowed(pid) ? undefined : before.get(pid);
      const stat = known ?? readStat(proc, pid);
      if (stat === undefined) continue;
      table.processes.set(pid, stat);
      const siblings = table.children.get(stat.parent);
      if (siblings === undefined) table.children.set(stat.parent, [pid]);
      else siblings.push(pid);
    }
    before = table.processes;
    return table;
  };
}
