import { type ChildProcess, spawn } from 'node:child_process';
import { getExecOutput } from '@actions/exec';
import type { BuildProcess } from '../build/attempt.js';
import type { Answer, Command } from '../engine/engine.js';
import type { EventStream } from '../recover/sentinel.js';
import { openLog } from './log-file.js';

/** What is kept of each output stream for the verdict, however much is printed. */
const TAIL_BYTES = 64 * 1024;

/** After a client has died, its RUN processes may hold its output open for as long as they live: not waited for. */
const DRAIN_MS = 500;

/**
 * Starts a build in a process group of its own. Both outputs go to the log file as raw bytes, in the order in which
 * they come; a slow disk slows the build down instead of filling memory.
 */
export function startBuild(command: Command, log: string, now: () => number): BuildProcess {
  const child = spawnGroup(command);
  const file = openLog(log);
  const tails = { stdout: createTail(TAIL_BYTES), stderr: createTail(TAIL_BYTES), both: createTail(TAIL_BYTES) };
  let lastOutputAt = now();
  const take = (own: Tail) => (chunk: Buffer) => {
    lastOutputAt = now();
    own.push(chunk);
    tails.both.push(chunk);
    file.write(chunk);
  };
  child.stdout?.on('data', take(tails.stdout));
  child.stderr?.on('data', take(tails.stderr));

  const ended = endOf(child).then((end) => {
    file.close();
    return { ...end, stdout: tails.stdout.text(), stderr: tails.stderr.text(), tail: tails.both.text() };
  });
  return {
    ...(child.pid === undefined ? {} : { pid: child.pid }),
    ended,
    lastOutputAt: () => lastOutputAt,
    kill: (signal) => killGroup(child, signal),
  };
}

/**
 * Runs a short command that may hang with its server: after `limitMs`, or when the signal aborts, its whole process group
 * is ended.
 */
export async function askByCommand(command: Command, limitMs: number, signal?: AbortSignal): Promise<Answer> {
  const child = spawnGroup(command);
  const stdout = createTail(TAIL_BYTES);
  const stderr = createTail(TAIL_BYTES);
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    killGroup(child, 'SIGKILL');
  }, limitMs);
  const onAbort = () => killGroup(child, 'SIGKILL');
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  const end = await endOf(child);
  signal?.removeEventListener('abort', onAbort);
  clearTimeout(timer);
  const failure = late ? `no answer within ${limitMs / 1000} s` : (end.failure ?? end.signal);
  return {
    ...(late || end.code === undefined ? {} : { code: end.code }),
    stdout: stdout.text(),
    stderr: stderr.text(),
    ...(failure === undefined ? {} : { failure }),
  };
}

/** Holds a command's output stream open, such as an engine's events; what it prints is read and dropped. */
export function streamByCommand(command: Command): EventStream {
  const child = spawnGroup(command);
  const stderr = createTail(4096);
  child.stdout?.resume();
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  return {
    ended: endOf(child).then((end) => stderr.text().trim().split('\n').at(-1) || (end.failure ?? '')),
    close: () => killGroup(child, 'SIGTERM'),
  };
}

/** Runs a short command that asks no server, so that it cannot hang. */
export async function askClient(command: Command): Promise<Answer> {
  try {
    const result = await getExecOutput(command.file, command.args, { silent: true, ignoreReturnCode: true });
    return { code: result.exitCode, stdout: result.stdout, stderr: result.stderr };
  } catch (error) {
    return { stdout: '', stderr: '', failure: error instanceof Error ? error.message : String(error) };
  }
}

function spawnGroup(command: Command): ChildProcess {
  return spawn(command.file, command.args, {
    // A group of its own, so that all that the client started can be ended with it.
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...command.env },
    windowsHide: true,
  });
}

function killGroup(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // The group is gone already.
  }
}

type End = { code?: number; signal?: string; failure?: string };

function endOf(child: ChildProcess): Promise<End> {
  return new Promise((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      resolve({ failure: error.code === 'ENOENT' ? `${child.spawnfile} is not installed` : error.message }),
    );
    child.once('exit', (code, signal) => {
      const end: End = signal === null ? { code: code ?? 0 } : { signal };
      const drained = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
        resolve(end);
      }, DRAIN_MS);
      child.once('close', () => {
        clearTimeout(drained);
        resolve(end);
      });
    });
  });
}

interface Tail {
  push(chunk: Buffer): void;
  text(): string;
}

/** The last bytes of a stream, in bounded memory: whole chunks are kept, and cut only when they are read. */
function createTail(limit: number): Tail {
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    push(chunk) {
      chunks.push(chunk);
      size += chunk.length;
      for (let first = chunks[0]; first !== undefined && size - first.length >= limit; first = chunks[0]) {
        size -= first.length;
        chunks.shift();
      }
    },
    text: () => Buffer.concat(chunks, size).subarray(-limit).toString('utf8'),
  };
}
