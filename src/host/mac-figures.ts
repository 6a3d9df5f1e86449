import { cpus, loadavg, totalmem } from 'node:os';
import type { Command } from '../engine/engine.js';
import type { HostSample } from '../journal/events.js';
import type { HostFigures } from '../resources/host-look.js';
import { parseSysctl, parseVmStat } from '../resources/mac-text.js';
import { LIST_PROCESSES, type ProcessList, parseProcessList } from '../resources/process-list.js';
import { askByCommand } from './process.js';

/** Each round starts three processes, so it is not made with every sample. */
const ASK_EVERY_MS = 5_000;
const LIMIT_MS = 3_000;

/** What macOS tells: some by node:os, the rest by commands that are run every five seconds, one round at a time. */
export interface MacFigures extends HostFigures {
  /** Asks until the signal aborts. */
  follow(
    now: () => number,
    sleep: (ms: number, signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void>;
}

/** The figures of a Mac; undefined on any other platform. */
export function macFigures(): MacFigures | undefined {
  if (process.platform !== 'darwin') return undefined;
  let others: HostSample = {};
  let list: ProcessList | undefined;
  return {
    cpuTicks() {
      const times = cpus().map((cpu) => cpu.times);
      const sum = (name: keyof (typeof times)[number]) => times.reduce((all, one) => all + one[name], 0);
      const [user, system, idle] = [sum('user') + sum('nice'), sum('sys') + sum('irq'), sum('idle')];
      return { user, system, busy: user + system, total: user + system + idle };
    },
    load1: () => loadavg()[0],
    others: () => others,
    takeProcesses() {
      const taken = list;
      list = undefined;
      return taken;
    },
    async follow(now, sleep, signal) {
      while (!signal.aborted) {
        const at = now();
        const [memory, sysctl, processes] = await Promise.all([
          ask({ file: 'vm_stat', args: [], env: {} }, signal),
          ask({ file: 'sysctl', args: ['-n', 'vm.swapusage', 'kern.num_files'], env: {} }, signal),
          ask(LIST_PROCESSES, signal),
        ]);
        others = { ...parseVmStat(memory, totalmem()), ...parseSysctl(sysctl) };
        if (processes !== '') list = { at, processes: parseProcessList(processes) };
        await sleep(ASK_EVERY_MS, signal);
      }
    },
  };
}

async function ask(command: Command, signal: AbortSignal): Promise<string> {
  const answer = await askByCommand(command, LIMIT_MS, signal);
  return answer.code === 0 ? answer.stdout : '';
}
