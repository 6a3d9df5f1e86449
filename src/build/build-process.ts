import type { KernelUsage } from '../journal/events.js';

/** A build command that runs, in a process group of its own. */
export interface BuildProcess {
  pid?: number;
  /** When it last printed something; when it started, before that. */
  lastOutputAt(): number;
  /** Settles when the process has ended and its output is in the log; never rejects. */
  ended: Promise<BuildEnd>;
  /** Signals the whole process group. */
  kill(signal: 'SIGTERM' | 'SIGKILL'): void;
}

/** How a build command ended, and the last that it printed. Exactly one of code, signal and failure is there. */
export interface BuildEnd {
  code?: number;
  signal?: string;
  failure?: string;
  /** What the kernel counted, where that can be had. */
  kernel?: KernelUsage;
  stdout: string;
  stderr: string;
  tail: string;
}
