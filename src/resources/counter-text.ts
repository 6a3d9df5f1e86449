/** Reads single figures out of the text of Linux's /proc. */

/** `oom_kill` of /proc/vmstat, since Linux 4.13; undefined elsewhere (https://docs.kernel.org/filesystems/proc.html). */
export function parseOomKills(vmstat: string): number | undefined {
  const count = /^oom_kill (\d+)$/m.exec(vmstat)?.[1];
  return count === undefined ? undefined : Number(count);
}

/**
 * Share of the last 10 s in which some task waited, from a file of /proc/pressure
 * (https://docs.kernel.org/accounting/psi.html); undefined where the kernel does not tell.
 */
export function parsePressure(pressure: string): number | undefined {
  return numberIn(/^some avg10=(\d+(?:\.\d+)?)/m.exec(pressure)?.[1]);
}

/** File handles in use, from /proc/sys/fs/file-nr (https://docs.kernel.org/admin-guide/sysctl/fs.html). */
export function parseOpenFiles(fileNr: string): number | undefined {
  return numberIn(/^(\d+)\t/.exec(fileNr)?.[1]);
}

/** The soft limit of open files, from /proc/PID/limits; undefined when there is none. */
export function parseOpenFilesLimit(limits: string): number | undefined {
  return numberIn(/^Max open files +(\d+)/m.exec(limits)?.[1]);
}

/** Socket inodes that listen at one of these paths, from /proc/net/unix (proc_pid_net(5)). */
export function parseListeners(unix: string, paths: ReadonlySet<string>): Set<string> {
  const inodes = new Set<string>();
  for (const line of unix.split('\n')) {
    // A connection that was accepted shows the path as well; only a listener has the flag __SO_ACCEPTCON.
    const [, flags = '', inode, path] = /^\S+ \S+ \S+ (\S+) \S+ \S+ +(\d+) (\/.*)$/.exec(line) ?? [];
    if (inode !== undefined && (Number.parseInt(flags, 16) & 0x10000) !== 0 && paths.has(path as string))
      inodes.add(inode);
  }
  return inodes;
}

function numberIn(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}
