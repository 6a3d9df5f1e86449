/** All processes at one moment, as `ps` tells them where there is no /proc. */
export interface ProcessList {
  at: number;
  processes: ListedProcess[];
}

export interface ListedProcess {
  pid: number;
  parent: number;
  rssBytes: number;
  /** CPU time since it started. */
  cpuMs: number;
}

/** Asks for what `parseProcessList` reads; BSD and GNU agree on it (https://pubs.opengroup.org/onlinepubs/9799919799/utilities/ps.html). */
export const LIST_PROCESSES = { file: 'ps', args: ['-A', '-o', 'pid=,ppid=,rss=,time='], env: { LC_ALL: 'C' } };

/** Reads lines of pid, parent, KiB and CPU time: `12:34.56` on macOS, `[days-]hours:minutes:seconds` elsewhere. */
export function parseProcessList(text: string): ListedProcess[] {
  return text.split('\n').flatMap((line) => {
    const match = /^ *(\d+) +(\d+) +(\d+) +(?:(\d+)-)?([\d:.]+) *$/.exec(line);
    if (match === null) return [];
    const [, pid, parent, rssKib, days = '0', time = ''] = match;
    const seconds = time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
    const cpuMs = Math.round((Number(days) * 86_400 + seconds) * 1000);
    return [{ pid: Number(pid), parent: Number(parent), rssBytes: Number(rssKib) * 1024, cpuMs }];
  });
}

/** What a process and all that descend from it use together; undefined when it is not in the list. */
export function sumTree(processes: ListedProcess[], root: number): { rssBytes: number; cpuMs: number } | undefined {
  const children = new Map<number, ListedProcess[]>();
  for (const one of processes) children.set(one.parent, [...(children.get(one.parent) ?? []), one]);
  const waiting = processes.filter((one) => one.pid === root);
  if (waiting.length === 0) return undefined;
  const sum = { rssBytes: 0, cpuMs: 0 };
  const seen = new Set<number>();
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    if (seen.has(one.pid)) continue;
    seen.add(one.pid);
    sum.rssBytes += one.rssBytes;
    sum.cpuMs += one.cpuMs;
    waiting.push(...(children.get(one.pid) ?? []));
  }
  return sum;
}
