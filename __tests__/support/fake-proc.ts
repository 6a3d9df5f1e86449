import type { ProcFiles } from '../../src/resources/proc-files.js';

export interface FakeProcess {
  parent?: number;
  name?: string;
  state?: string;
  userTicks?: number;
  systemTicks?: number;
  childrenUserTicks?: number;
  childrenSystemTicks?: number;
  startedTicks?: number;
  rssKib?: number;
  voluntary?: number;
  involuntary?: number;
  /** Switches of the threads beside the main one: voluntary, involuntary. */
  threads?: [number, number][];
}

export interface FakeProc extends ProcFiles {
  /** Files by path, such as `loadavg`. */
  files: Map<string, string>;
  processes: Map<number, FakeProcess>;
  /** Paths that were read. */
  reads: string[];
  /** Where links point, such as `7/fd/3`. */
  links: Map<string, string>;
  /** What is in folders such as `7/fd`. */
  folders: Map<string, string[]>;
}

/** A /proc that tests fill and change; `ls /proc` shows its processes. */
export function fakeProc(processes: Record<number, FakeProcess> = {}, files: Record<string, string> = {}): FakeProc {
  const fake: FakeProc = {
    files: new Map(Object.entries(files)),
    processes: new Map(Object.entries(processes).map(([pid, process]) => [Number(pid), process])),
    reads: [],
    links: new Map(),
    folders: new Map(),
    link: (path) => fake.links.get(path),
    read(path) {
      fake.reads.push(path);
      const [folder = '', file, thread] = path.split('/');
      const process = fake.processes.get(Number(folder));
      if (process === undefined || fake.files.has(path)) return fake.files.get(path);
      if (file === 'stat') return statText(Number(folder), process);
      if (file === 'status') return statusText(process, process.voluntary ?? 0, process.involuntary ?? 0);
      const switches = process.threads?.[Number(thread) - Number(folder) - 1];
      return switches && statusText(process, ...switches);
    },
    list(path) {
      if (path === '') return [...[...fake.processes.keys()].map(String), 'self', 'stat', 'meminfo'];
      const folder = fake.folders.get(path);
      if (folder !== undefined || !path.endsWith('/task')) return folder;
      const pid = Number(path.split('/')[0]);
      const threads = fake.processes.get(pid)?.threads;
      return threads && [pid, ...threads.map((_, index) => pid + 1 + index)].map(String);
    },
  };
  return fake;
}

function statText(pid: number, process: FakeProcess): string {
  const { userTicks = 0, systemTicks = 0, childrenUserTicks = 0, childrenSystemTicks = 0 } = process;
  const ticks = [userTicks, systemTicks, childrenUserTicks, childrenSystemTicks].join(' ');
  const threads = 1 + (process.threads?.length ?? 0);
  const head = `${pid} (${process.name ?? 'podman'}) ${process.state ?? 'S'} ${process.parent ?? 1} ${pid} ${pid} 0 -1 4194304`;
  return `${head} 120 0 0 0 ${ticks} 20 0 ${threads} 0 ${process.startedTicks ?? pid} 1000000 ${(process.rssKib ?? 0) / 4} 18446744073709551615 1 1\n`;
}

function statusText(process: FakeProcess, voluntary: number, involuntary: number): string {
  // A zombie has no memory lines at all.
  const memory = process.state === 'Z' ? '' : `VmHWM:\t  999999 kB\nVmRSS:\t  ${process.rssKib ?? 0} kB\n`;
  return `Name:\tpodman\n${memory}Threads:\t1\nvoluntary_ctxt_switches:\t${voluntary}\nnonvoluntary_ctxt_switches:\t${involuntary}\n`;
}
