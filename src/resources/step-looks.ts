import { commandOf, mayRunInstruction } from '../engine/step-command.js';
import type { ProcFiles } from './proc-files.js';
import type { ProcessTable } from './process-table.js';
import { createProcessTree, type ProcessTree } from './process-tree.js';

/** The process of a build step, as the OCI runtime that runs it tells. */
export interface RunningStep {
  pid: number;
  /** Milliseconds since the epoch. */
  bornAt: number;
  /** What it was told to run, the program first. */
  args: string[];
}

/**
 * Follows the processes of the steps that a server on this machine runs for attempts: they are no children of the client.
 * Attempts are told apart by keys of the caller's.
 */
export interface StepLooks {
  /** The attempt has come to this instruction. */
  reach(key: string, instruction: string): void;
  /** Forgets the attempt, and says how much memory its steps held at their peak; undefined when none was seen. */
  end(key: string): number | undefined;
  /** Whether some attempt is at a step whose process is still to be found. */
  isSearching(): boolean;
  /** Finds the attempts' steps among all that run on this machine. */
  find(running: readonly RunningStep[]): void;
  has(pid: number): boolean;
  /** Takes in the processes that were born since. */
  grow(table: ProcessTable): void;
  /** What the processes of the attempt's step held at the last look; undefined when they are not known. */
  rssBytes(key: string): number | undefined;
}

/** Its process comes a moment after the line that tells the step, and the line may be read a moment late. */
const LATE_LINE_MS = 1_000;

/** A step that was not told from others after so many looks is not looked for any more: each costs two processes. */
const MOST_LOOKS = 3;

interface Followed {
  /** The step that it is at, if that runs something. */
  step?: { instruction: string; at: number; looks: number; tree?: ProcessTree };
  peakRssBytes?: number;
}

/** Nothing is looked at here but what `proc` has of the processes that were found. */
export function createStepLooks(proc: ProcFiles, clock: () => number): StepLooks {
  const followed = new Map<string, Followed>();
  const trees = () => [...followed.values()].flatMap(({ step }) => step?.tree ?? []);
  const isWanted = ({ step }: Followed) =>
    step !== undefined && step.tree === undefined && step.looks < MOST_LOOKS ? [step] : [];

  return {
    reach(key, instruction) {
      const one = followed.get(key) ?? {};
      followed.set(key, one);
      delete one.step;
      if (commandOf(instruction) !== undefined) one.step = { instruction, at: clock(), looks: 0 };
    },
    end(key) {
      const peak = followed.get(key)?.peakRssBytes;
      followed.delete(key);
      return peak;
    },
    isSearching: () => [...followed.values()].some((one) => isWanted(one).length > 0),
    find(running) {
      const wanted = [...followed.values()].flatMap(isWanted).sort((one, other) => one.at - other.at);
      const taken = trees();
      const found = [...running]
        .filter(({ pid }) => !taken.some((tree) => tree.has(pid)))
        .sort((one, other) => one.bornAt - other.bornAt);
      for (const step of wanted) {
        // Those who run the same came to it in the order of their processes; one more or less is somebody else's.
        const same = wanted.filter(({ instruction }) => instruction === step.instruction);
        const theirs = found.filter(
          ({ args, bornAt }) =>
            mayRunInstruction(args, step.instruction) && bornAt >= (same[0]?.at ?? step.at) - LATE_LINE_MS,
        );
        step.looks += 1;
        const process = theirs.length === same.length ? theirs[same.indexOf(step)] : undefined;
        if (process !== undefined) step.tree = createProcessTree(proc, process.pid);
      }
    },
    has: (pid) => trees().some((tree) => tree.has(pid)),
    grow(table) {
      for (const one of followed.values()) {
        one.step?.tree?.grow(table);
        const rssBytes = one.step?.tree?.rssBytes();
        if (rssBytes !== undefined) one.peakRssBytes = Math.max(one.peakRssBytes ?? 0, rssBytes);
      }
    },
    rssBytes: (key) => followed.get(key)?.step?.tree?.rssBytes(),
  };
}
