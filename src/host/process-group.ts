import { type ChildProcess, spawn } from 'node:child_process';
import type { Command } from '../engine/engine.js';
import type { ProcessEnd } from '../resources/time-command.js';

/** After a client has died, its RUN processes may hold its output open for as long as they live: not waited for. */
const DRAIN_MS = 500;

/** Starts a command in a process group of its own, so that all that it started can be ended with it. */
export function spawnGroup(command: Command): ChildProcess {
  return spawn(command.file, command.args, {
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...command.env },
    ...(command.folder === undefined ? {} : { cwd: command.folder }),
    windowsHide: true,
  });
}

/** Signals the whole process group; one that is gone already is no error. */
export function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') killTree(child.pid);
    else process.kill(-child.pid, signal);
  } catch {
    // The group is gone already.
  }
}

/**
 * Windows knows no groups and no signals: the process and all below it are ended at once
 * (https://learn.microsoft.com/windows-server/administration/windows-commands/taskkill).
 */
function killTree(pid: number): void {
  const kill = spawn('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true });
  // It is gone already, or there is nothing to end it with.
  kill.once('error', () => {});
}

/** How the process ended, once its output is read; `before` may hold that up when the process has exited. */
export function endOf(
  child: ChildProcess,
  before: (end: ProcessEnd) => Promise<void> = async () => {},
): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    const closed = new Promise<void>((close) => child.once('close', () => close()));
    child.once('error', (error: NodeJS.ErrnoException) =>
      resolve({ failure: error.code === 'ENOENT' ? `${child.spawnfile} is not installed` : error.message }),
    );
    child.once('exit', (code, signal) => {
      const end: ProcessEnd = signal === null ? { code: code ?? 0 } : { signal };
      void before(end).then(() => {
        const drained = setTimeout(() => {
          child.stdout?.destroy();
          child.stderr?.destroy();
          resolve(end);
        }, DRAIN_MS);
        void closed.then(() => {
          clearTimeout(drained);
          resolve(end);
        });
      });
    });
  });
}
