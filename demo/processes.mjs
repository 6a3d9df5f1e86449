// Processes: what /proc says of them where there is one, signals, and their end.
import { readdirSync, readFileSync } from 'node:fs';

/** Pids of a process's children; none where there is no /proc. @param {number} pid @returns {number[]} */
export function childrenOf(pid) {
  // The kernel lists children by the thread that made them.
  return (attempt(() => readdirSync(`/proc/${pid}/task`)) ?? [])
    .flatMap((thread) => read(`/proc/${pid}/task/${thread}/children`).split(' '))
    .filter((child) => child !== '')
    .map(Number);
}

/** The arguments of a process, its program first; none when it has ended. @param {number} pid */
export function commandLine(pid) {
  return read(`/proc/${pid}/cmdline`).split('\0');
}

/** The most memory that a process has had resident, in bytes; undefined when it cannot be read. @param {number | undefined} pid */
export function peakRss(pid) {
  const kilobytes = /^VmHWM:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

/** Sends a signal to a process, which may have ended by itself. @param {number} pid @param {NodeJS.Signals} signal */
export function send(pid, signal) {
  attempt(() => process.kill(pid, signal));
}

/** @param {import('node:child_process').ChildProcess} child */
export function hasEnded(child) {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Resolves when a child has ended, at once when it never began. @param {import('node:child_process').ChildProcess | undefined} child @returns {Promise<unknown>} */
export function ended(child) {
  if (child?.pid === undefined || hasEnded(child)) return Promise.resolve();
  return new Promise((resolve) => child.once('exit', resolve));
}

/** @param {string} path */
function read(path) {
  return attempt(() => readFileSync(path, 'utf8')) ?? '';
}

/** @template T @param {() => T} action @returns {T | undefined} */
function attempt(action) {
  try {
    return action();
  } catch {
    return undefined;
  }
}
