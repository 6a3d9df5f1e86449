import type { AttemptSample, Usage } from '../journal/events.js';
import { cpuShare } from './engine-look.js';
import type { HostFigures } from './host-look.js';
import type { ProcFiles } from './proc-files.js';
import { sumTree } from './process-list.js';
import { createProcessScan } from './process-table.js';
import { createProcessTree, type ProcessTree } from './process-tree.js';
import { createStepLooks, type RunningStep } from './step-looks.js';

/** Follows the process trees of the attempts that run. */
export interface AttemptLooks {
  track(image: string, attempt: number, pid: number): void;
  /** A server on this machine has come to this instruction of the attempt. */
  reachStep(image: string, attempt: number, instruction: string): void;
  /** Whether some step's process is still to be found, and finds them among all steps that run on this machine. */
  isSearchingSteps(): boolean;
  findSteps(running: readonly RunningStep[]): void;
  end(image: string, attempt: number): Usage;
  /** Looks at all of them; empty while nothing new is known of any. */
  look(): AttemptSample[];
}

interface Followed {
  image: string;
  attempt: number;
  pid: number;
  tree: ProcessTree;
  before: { at: number; cpuMs: number };
}

/** One scan of /proc for each look serves all attempts; where there is none, the list of all processes does. */
export function createAttemptLooks(
  proc: ProcFiles,
  now: () => number,
  figures?: Pick<HostFigures, 'takeProcesses'>,
): AttemptLooks {
  const followed = new Map<string, Followed>();
  const scan = createProcessScan(proc);
  const steps = createStepLooks(proc, now);
  const keyOf = (image: string, attempt: number) => `${attempt} ${image}`;

  return {
    track(image, attempt, pid) {
      const tree = createProcessTree(proc, pid);
      followed.set(keyOf(image, attempt), { image, attempt, pid, tree, before: { at: now(), cpuMs: cpuMsOf(tree) } });
    },
    end(image, attempt) {
      const tree = followed.get(keyOf(image, attempt))?.tree;
      followed.delete(keyOf(image, attempt));
      tree?.look();
      const stepPeakRssBytes = steps.end(keyOf(image, attempt));
      return { ...tree?.usage(), ...(stepPeakRssBytes === undefined ? {} : { stepPeakRssBytes }) };
    },
    reachStep: (image, attempt, instruction) => steps.reach(keyOf(image, attempt), instruction),
    isSearchingSteps: steps.isSearching,
    findSteps: steps.find,
    look() {
      if (followed.size === 0) return [];
      const trees = [...followed.values()].map((one) => one.tree);
      const table = scan((pid) => steps.has(pid) || trees.some((tree) => tree.has(pid)));
      if (table === undefined) return lookAtList();
      steps.grow(table);
      return [...followed.values()].map((one) => {
        one.tree.grow(table);
        return sampleOf(one, now(), cpuMsOf(one.tree), one.tree.rssBytes());
      });
    },
  };

  function lookAtList(): AttemptSample[] {
    const list = figures?.takeProcesses();
    if (list === undefined) return [];
    return [...followed.values()].flatMap((one) => {
      const sum = sumTree(list.processes, one.pid);
      return sum === undefined ? [] : [sampleOf(one, list.at, sum.cpuMs, sum.rssBytes)];
    });
  }

  function sampleOf(one: Followed, at: number, cpuMs: number, rssBytes: number | undefined): AttemptSample {
    const cpuPercent = cpuShare(cpuMs - one.before.cpuMs, at - one.before.at);
    one.before = { at, cpuMs };
    const stepRssBytes = steps.rssBytes(keyOf(one.image, one.attempt));
    return {
      image: one.image,
      attempt: one.attempt,
      ...(cpuPercent === undefined ? {} : { cpuPercent }),
      ...(rssBytes === undefined ? {} : { rssBytes }),
      ...(stepRssBytes === undefined ? {} : { stepRssBytes }),
    };
  }
}

function cpuMsOf(tree: ProcessTree): number {
  const { userMs = 0, systemMs = 0 } = tree.usage();
  return userMs + systemMs;
}
