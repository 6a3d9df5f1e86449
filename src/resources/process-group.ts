import type { ProcFiles } from './proc-files.js';

/** The processes of a process group; undefined where there is no /proc. A zombie has ended, and waits to be collected. */
export function groupMembers(proc: ProcFiles, group: number): { pid: number; zombie: boolean }[] | undefined {
  return proc.list('')?.flatMap((name) => {
    const stat = /^\d+$/.test(name) ? proc.read(`${name}/stat`) : undefined;
    // After the name, which may hold anything: state, parent, group (proc_pid_stat(5)).
    const [state, , its] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
    return Number(its) === group ? [{ pid: Number(name), zombie: state === 'Z' || state === 'X' }] : [];
  });
}
