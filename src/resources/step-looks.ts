import { commandOf, mayRunInstruction } from '../engine/step-command.js';
import type { ProcFiles } from './proc-files.js';
import type { ProcessTable } from './process-table.js';
import { createProcessTree, type ProcessTree } from './process-tree.js';

/** The process of a build step, as the OCI runtime that runs it tells. */
export interface RunningStep {
  /** Zero when it has ended. */
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
  /** Finds the attempts' steps among all that run on this machine: each one that is the only one in two looks. */
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
const MOST_LOOKS = 6;

interface Step {
  instruction: string;
  at: number;
  looks: number;
  /** The one process that ran this at the last look; another one may have come before our own was there. */
  candidate?: number;
  tree?: ProcessTree;
}

interface Followed {
  /** The step that it is at, if that runs something. */
  step?: Step;
  peakRssBytes?: number;
}

/** Nothing is looked at here but what `proc` has of the processes that were found. */
export function createStepLooks(proc: ProcFiles, clock: () => number): StepLooks {
  const followed = new Map<string, Followed>();
  const steps = () => [...followed.values()].flatMap(({ step }) => step ?? []);
  const trees = () => steps().flatMap(({ tree }) => tree ?? []);
  const wanted = () => steps().filter(({ tree, looks }) => tree === undefined && looks < MOST_LOOKS);

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
    isSearching: () => wanted().length > 0,
    find(running) {
      const taken = trees();
      const free = running.filter(({ pid }) => pid > 0 && !taken.some((tree) => tree.has(pid)));
      const searching = wanted();
      // Which of two that run the same is whose cannot be told, be the other one of ours or somebody else's.
      const only = searching.map((step) => {
        const rivals = searching.filter(({ instruction }) => commandOf(instruction) === commandOf(step.instruction));
        const theirs = free.filter((process) => mayBe(process, step));
        return rivals.length === 1 && theirs.length === 1 ? theirs[0]?.pid : undefined;
      });
      for (const [index, step] of searching.entries()) {
        const pid = only[index];
        step.looks += 1;
        if (pid === undefined || only.indexOf(pid) !== only.lastIndexOf(pid)) delete step.candidate;
        else if (step.candidate === pid) step.tree = createProcessTree(proc, pid);
        else step.candidate = pid;
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

function mayBe({ args, bornAt }: RunningStep, { instruction, at }: Step): boolean {
  return mayRunInstruction(args, instruction) && bornAt >= at - LATE_LINE_MS;
}
