import type { BuildProcess } from '../build/build-process.js';
import type { Answer, Command } from '../engine/engine.js';
import type { KernelUsage } from '../journal/events.js';
import type { EventStream } from '../recover/sentinel.js';
import type { ProcessEnd } from '../resources/time-command.js';
import { NO_SECRETS, type Redactor } from '../secrets/redactor.js';
import { openLog } from './log-file.js';
import { endOf, killGroup, spawnGroup } from './process-group.js';
import { createTail } from './tail.js';
import type { TimedCommand } from './time-wrapper.js';
import { createTimedGroup } from './timed-group.js';

/** What is kept of each output stream for the verdict, however much is printed. */
const TAIL_BYTES = 64 * 1024;

/** An answer is kept whole, as a list that is cut cannot be read; none is longer but by a mistake. */
const ANSWER_BYTES = 8 * 1024 * 1024;

/** What else is wanted of a build as it runs. */
export interface BuildWatch {
  /** Gets what comes on one of the streams, as raw bytes. */
  reader?: { stream: 'stdout' | 'stderr'; push(chunk: Buffer): void };
  /** The same command under `time(1)`. */
  timed?: TimedCommand | undefined;
  /** Takes secrets out of the output before anything else sees it. */
  redactor?: Redactor;
  /** The first line of the log. */
  header?: string;
}

/**
 * Starts a build in a process group of its own. Both outputs go to the log file as raw bytes, in the order in which
 * they come; a slow disk slows the build down instead of filling memory. Under `time(1)` its end is the client's all the
 * same, and the pid is that of `time`, whose only child the client is.
 */
export function startBuild(command: Command, log: string, now: () => number, watch: BuildWatch = {}): BuildProcess {
  const { timed, reader, redactor = NO_SECRETS, header } = watch;
  const child = spawnGroup(timed?.command ?? command);
  const group = timed === undefined ? undefined : createTimedGroup(child);
  const file = openLog(log);
  if (header !== undefined) file.write(Buffer.from(`${header}\n`));
  const tails = { stdout: createTail(TAIL_BYTES), stderr: createTail(TAIL_BYTES), both: createTail(TAIL_BYTES) };
  let lastOutputAt = now();
  const take = (stream: 'stdout' | 'stderr', chunk: Buffer) => {
    if (chunk.length === 0) return;
    tails[stream].push(chunk);
    tails.both.push(chunk);
    file.write(chunk);
    if (reader?.stream === stream) reader.push(chunk);
  };
  const flushes = (['stdout', 'stderr'] as const).map((stream) => {
    const redacted = redactor.stream();
    child[stream]?.on('data', (chunk: Buffer) => {
      lastOutputAt = now();
      take(stream, redacted.push(chunk));
    });
    return () => take(stream, redacted.end());
  });

  const ended = endOf(child, group?.ended).then((end) => {
    for (const flush of flushes) flush();
    file.close();
    const stderr = tails.stderr.text();
    const own: { end: ProcessEnd; kernel?: KernelUsage } = timed?.read(end, stderr) ?? { end };
    return {
      ...own.end,
      ...(own.kernel === undefined ? {} : { kernel: own.kernel }),
      stdout: tails.stdout.text(),
      stderr,
      tail: tails.both.text(),
    };
  });
  return {
    ...(child.pid === undefined ? {} : { pid: child.pid }),
    ended,
    lastOutputAt: () => lastOutputAt,
    kill: (signal) => (group === undefined ? killGroup(child, signal) : group.kill(signal)),
  };
}

/**
 * Runs a short command that may hang with its server: after `limitMs`, or when the signal aborts, its whole process group
 * is ended.
 */
export async function askByCommand(command: Command, limitMs: number, signal?: AbortSignal): Promise<Answer> {
  const child = spawnGroup(command);
  const stdout = createTail(ANSWER_BYTES);
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
