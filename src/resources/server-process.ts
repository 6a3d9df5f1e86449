import { parseListeners } from './counter-text.js';
import type { ProcFiles } from './proc-files.js';
import { readStat } from './process-look.js';

/** A process, told from a later one of the same pid by when it started. */
export interface ServerProcess {
  pid: number;
  startedTicks: number;
}

/**
 * Finds the engine's server: the podman or dockerd that listens on its socket. systemd holds the socket as well where it
 * starts the server at the first connection, and a rootless podman is two processes, of which the child serves. Undefined
 * while none runs, or when it cannot be told. Costs a few milliseconds.
 */
export function findServerProcess(proc: ProcFiles, paths: ReadonlySet<string>): ServerProcess | undefined {
  const inodes = parseListeners(proc.read('net/unix') ?? '', paths);
  if (inodes.size === 0) return undefined;
  const servers = (proc.list('') ?? [])
    .filter((name) => /^\d+$/.test(name) && isServer(proc.read(`${name}/cmdline`) ?? ''))
    .map(Number);
  const holders = servers.filter((pid) => holds(proc, pid, inodes) === true);
  if (holders.length > 0) return newest(proc, holders);
  // Another user's process does not show what it holds; where only one can be meant, it is.
  const hidden = servers.filter((pid) => holds(proc, pid, inodes) === undefined);
  return withoutParents(proc, hidden).length === 1 ? newest(proc, hidden) : undefined;
}

/** `dockerd`, or `podman system service`; other podman processes are clients. */
function isServer(cmdline: string): boolean {
  const [file = '', ...args] = cmdline.split('\0');
  const name = file.slice(file.lastIndexOf('/') + 1);
  return (
    name.startsWith('dockerd') || (name.startsWith('podman') && args.includes('system') && args.includes('service'))
  );
}

/** Undefined when its files cannot be seen. */
function holds(proc: ProcFiles, pid: number, inodes: ReadonlySet<string>): boolean | undefined {
  return proc.list(`${pid}/fd`)?.some((fd) => {
    const inode = /^socket:\[(\d+)\]$/.exec(proc.link(`${pid}/fd/${fd}`) ?? '')?.[1];
    return inode !== undefined && inodes.has(inode);
  });
}

/** A server that was killed may have left a process that still holds its socket: the latest one serves. */
function newest(proc: ProcFiles, pids: number[]): ServerProcess | undefined {
  return withoutParents(proc, pids)
    .flatMap((pid) => {
      const stat = readStat(proc, pid);
      return stat === undefined ? [] : [{ pid, startedTicks: stat.startedTicks }];
    })
    .sort((one, other) => other.startedTicks - one.startedTicks)[0];
}

function withoutParents(proc: ProcFiles, pids: number[]): number[] {
  const parents = new Set(pids.map((pid) => readStat(proc, pid)?.parent));
  return pids.filter((pid) => !parents.has(pid));
}
