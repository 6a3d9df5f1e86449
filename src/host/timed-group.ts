import type { ChildProcess } from 'node:child_process';
import { groupMembers } from '../resources/process-group.js';
import type { ProcessEnd } from '../resources/time-command.js';
import { procFiles } from './proc-files.js';
import { killGroup } from './process-group.js';

/** How often it is looked whether a client whose `time` died has ended too. */
const LOOK_EVERY_MS = 20;
/** Nothing outlives SIGKILL for long, but for a process in a system call, or a zombie that nobody collects. */
const AFTER_SIGKILL_MS = 500;
/** A client that does not heed the signal that its `time` died of. */
const KILL_AFTER_MS = 10_000;

/** Signals to a process group that `time(1)` leads, with the client as its child. */
export interface TimedGroup {
  kill(signal: 'SIGTERM' | 'SIGKILL'): void;
  /** Waits until the client has ended as well, should `time` have died before it. */
  ended(end: ProcessEnd): Promise<void>;
}

/**
 * `time` dies of SIGTERM, and leaves a client that takes its leave in order alone and unseen: so that signal goes to all
 * others of the group. Where the group's members cannot be told, it goes to all, and the client is waited for.
 */
export function createTimedGroup(child: ChildProcess): TimedGroup {
  const group = child.pid;
  let signalled: 'SIGTERM' | 'SIGKILL' | undefined;

  return {
    kill(signal) {
      signalled = signal;
      const members = signal === 'SIGKILL' || group === undefined ? undefined : groupMembers(procFiles, group);
      const clients = members?.filter(({ pid }) => pid !== group) ?? [];
      // None: `time` has not started its client yet, or has seen it end.
      if (clients.length === 0) return killGroup(child, signal);
      for (const { pid } of clients) send(pid, signal);
    },
    async ended(end) {
      if (end.signal === undefined || group === undefined) return;
      if (signalled === undefined) killGroup(child, end.signal as NodeJS.Signals);
      let waited = 0;
      for (let killedAt: number | undefined; isAlive(group); waited += LOOK_EVERY_MS) {
        if (signalled === 'SIGKILL') killedAt ??= waited;
        if (killedAt !== undefined && waited - killedAt >= AFTER_SIGKILL_MS) return;
        if (killedAt === undefined && waited >= KILL_AFTER_MS) {
          signalled = 'SIGKILL';
          killGroup(child, 'SIGKILL');
        }
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      }
    },
  };
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended between the look and the signal.
  }
}

function isAlive(group: number): boolean {
  const members = groupMembers(procFiles, group);
  if (members !== undefined) return members.some(({ zombie }) => !zombie);
  try {
    process.kill(-group, 0);
    return true;
  } catch {
    return false;
  }
}
