import { spawn } from 'node:child_process';

/** What a command left. */
export interface CommandEnd {
  /** `null` when a signal ended it. */
  exit: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/**
 * Runs a command to its end, on top of this process's environment, while the test's own servers go on serving.
 * `limitMs` (120 000) ends one that hangs with SIGKILL. Throws when there is no such program.
 */
export function runCommand(
  [file, ...args]: string[],
  env: Record<string, string> = {},
  { limitMs = 120_000 } = {},
): Promise<CommandEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn(file as string, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: limitMs,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.once('error', reject);
    child.once('close', (exit, signal) => resolve({ exit, signal, stdout, stderr }));
  });
}
