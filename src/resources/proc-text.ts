/** Reads the text of Linux's /proc. Layouts: https://man7.org/linux/man-pages/man5/proc.5.html */

/** USER_HZ, the unit of times in /proc: 100 on every architecture that Node runs on. */
const MS_PER_TICK = 10;
const BYTES_PER_KIB = 1024;

/** Ticks of all CPUs together since boot. */
export interface CpuTicks {
  busy: number;
  total: number;
  /** Parts of `busy`; absent where they are not told apart. */
  user?: number;
  system?: number;
  steal?: number;
}

/** The `cpu` line of /proc/stat; undefined when there is none. Time stolen by the hypervisor counts as busy. */
export function parseCpuTicks(stat: string): CpuTicks | undefined {
  // guest and guest_nice, the last two, are within user and nice already.
  const ticks = /^cpu +([\d ]+)$/m.exec(stat)?.[1]?.trim().split(/ +/).slice(0, 8).map(Number);
  if (ticks === undefined || ticks.length < 4) return undefined;
  const total = ticks.reduce((sum, tick) => sum + tick, 0);
  const [user = 0, nice = 0, system = 0, idle = 0, waiting = 0, interrupts = 0, softInterrupts = 0, steal] = ticks;
  return {
    busy: total - idle - waiting,
    total,
    user: user + nice,
    system: system + interrupts + softInterrupts,
    ...(steal === undefined ? {} : { steal }),
  };
}

/** What /proc/meminfo says of memory and swap, in bytes. */
export function parseMemory(meminfo: string): { used?: number; available?: number; swapUsed?: number } {
  const total = kibField(meminfo, 'MemTotal');
  const available = kibField(meminfo, 'MemAvailable');
  const swapTotal = kibField(meminfo, 'SwapTotal');
  const swapFree = kibField(meminfo, 'SwapFree');
  return {
    ...(available === undefined ? {} : { available }),
    ...(total === undefined || available === undefined ? {} : { used: total - available }),
    ...(swapTotal === undefined || swapFree === undefined ? {} : { swapUsed: swapTotal - swapFree }),
  };
}

/** The load average of the last minute, from /proc/loadavg. */
export function parseLoad(loadavg: string): number | undefined {
  const load = Number.parseFloat(loadavg);
  return Number.isFinite(load) ? load : undefined;
}

/** A process; CPU times in milliseconds, its own and those of its children that it has waited for. */
export interface ProcessStat {
  parent: number;
  /** Ticks after boot; with the pid it tells a process from a later one of the same pid. */
  startedTicks: number;
  threads: number;
  rssPages: number;
  userMs: number;
  systemMs: number;
  childrenUserMs: number;
  childrenSystemMs: number;
}

/** /proc/PID/stat; undefined when it is not one. The command's name may hold spaces and parentheses. */
export function parseProcessStat(stat: string): ProcessStat | undefined {
  const nameEnd = stat.lastIndexOf(')');
  // Field 3 of the manual, the state, is the first one here.
  const fields = stat.slice(nameEnd + 2).split(' ');
  const field = (number: number) => Number(fields[number - 3]);
  const process: ProcessStat = {
    parent: field(4),
    userMs: field(14) * MS_PER_TICK,
    systemMs: field(15) * MS_PER_TICK,
    childrenUserMs: field(16) * MS_PER_TICK,
    childrenSystemMs: field(17) * MS_PER_TICK,
    threads: field(20),
    startedTicks: field(22),
    rssPages: field(24),
  };
  return nameEnd > 0 && Object.values(process).every(Number.isFinite) ? process : undefined;
}

/** What /proc/PID/status (or one thread's) says; the switches are that thread's alone, and a zombie has no memory. */
export function parseStatus(status: string): { rssBytes: number; voluntary: number; involuntary: number } {
  return {
    rssBytes: kibField(status, 'VmRSS') ?? 0,
    voluntary: numberField(status, 'voluntary_ctxt_switches') ?? 0,
    involuntary: numberField(status, 'nonvoluntary_ctxt_switches') ?? 0,
  };
}

function kibField(text: string, name: string): number | undefined {
  const kib = numberField(text, name);
  return kib === undefined ? undefined : kib * BYTES_PER_KIB;
}

/** The number after `name:` at the beginning of a line; found by search, as a regular expression per name costs more. */
function numberField(text: string, name: string): number | undefined {
  const at = text.startsWith(`${name}:`) ? 0 : text.indexOf(`\n${name}:`) + 1;
  if (at === 0 && !text.startsWith(`${name}:`)) return undefined;
  const value = Number.parseInt(text.slice(at + name.length + 1, at + name.length + 40), 10);
  return Number.isFinite(value) ? value : undefined;
}
