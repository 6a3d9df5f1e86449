import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { LiveProcess } from '../recover/makers.js';

/** USER_HZ: 100 on every architecture that Node runs on. */
const MS_PER_TICK = 10;

/** A process of this machine, from /proc. */
export interface ProcessOfHost extends LiveProcess {
  pid: number;
  parent: number;
  uid: number;
}

/** Every process that can be seen; none where there is no /proc. `owner` is the user whom the storage belongs to. */
export function listProcesses(owner: number): ProcessOfHost[] {
  const boot = bootTime();
  return boot === undefined ? [] : pids().flatMap((pid) => lookAt(pid, boot, owner) ?? []);
}

/** One process; undefined when it is gone. */
export function findProcess(pid: number): ProcessOfHost | undefined {
  const boot = bootTime();
  return boot === undefined ? undefined : lookAt(pid, boot, 0);
}

function lookAt(pid: number, boot: number, owner: number): ProcessOfHost | undefined {
  try {
    const folder = `/proc/${pid}`;
    const stat = readFileSync(`${folder}/stat`, 'utf8');
    // The name may hold spaces and parentheses; field 3 of proc_pid_stat(5) follows its end.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie does nothing any more.
    if (fields[0] === 'Z') return undefined;
    const { uid } = statSync(folder);
    return {
      pid,
      parent: Number(fields[1]),
      uid,
      args: readFileSync(`${folder}/cmdline`, 'utf8').replace(/\0$/, '').split('\0'),
      startedAt: boot + Number(fields[19]) * MS_PER_TICK,
      mayWriteStorage: uid === owner || uid === 0,
    };
  } catch {
    return undefined;
  }
}

function pids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** In milliseconds since the epoch; /proc/uptime tells hundredths of a second, where /proc/stat has whole ones. */
function bootTime(): number | undefined {
  try {
    return Date.now() - Number.parseFloat(readFileSync('/proc/uptime', 'utf8')) * 1_000;
  } catch {
    return undefined;
  }
}
