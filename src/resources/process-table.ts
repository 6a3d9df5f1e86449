import type { ProcFiles } from './proc-files.js';
import type { ProcessStat } from './proc-text.js';
import { readStat } from './process-look.js';

/** Every process at one moment, shared by all trees that grow from it. */
export interface ProcessTable {
  processes: Map<number, ProcessStat>;
  children: Map<number, number[]>;
}

/** One scan of /proc; undefined where there is none. */
export function readProcessTable(proc: ProcFiles): ProcessTable | undefined {
  const names = proc.list('');
  if (names === undefined) return undefined;
  const table: ProcessTable = { processes: new Map(), children: new Map() };
  for (const name of names) {
    const pid = Number(name);
    const stat = Number.isInteger(pid) ? readStat(proc, pid) : undefined;
    if (stat === undefined) continue;
    table.processes.set(pid, stat);
    const siblings = table.children.get(stat.parent);
    if (siblings === undefined) table.children.set(stat.parent, [pid]);
    else siblings.push(pid);
  }
  return table;
}
