// Short questions to the programs of this machine.
import { spawnSync } from 'node:child_process';

const ANSWER_LIMIT_MS = 10_000;

/** Whether a program can be run at all. @param {string} program */
export function isInstalled(program) {
  return spawnSync(program, ['--version'], { stdio: 'ignore', timeout: ANSWER_LIMIT_MS }).error === undefined;
}

/**
 * What a command prints, trimmed; undefined when it fails, prints nothing or takes longer than 10 s.
 * @param {string} program
 * @param {string[]} args
 */
export function ask(program, args) {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8', timeout: ANSWER_LIMIT_MS });
  return status === 0 && stdout.trim() !== '' ? stdout.trim() : undefined;
}
