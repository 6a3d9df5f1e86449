import { readFileSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Answer, Command, Engine } from '../engine/engine.js';
import type { EndableStep } from '../recover/clean-up.js';
import { findProcess } from './live-processes.js';

const RUNTIMES = ['crun', 'runc'];

/** Programs that hold a step while it runs. buildah runs itself once more for it, under another name. */
const HOLDERS = /^(podman|buildah|runc|crun|conmon|exe$)/;

/** A step's process, and the folder that its runtime was given for it. */
export interface RuntimeStep extends EndableStep {
  bundle: string;
}

type Ask = (command: Command) => Promise<Answer>;

/** Whether the processes of the engine's steps are listed here: a podman server's are, if it runs on this machine. */
export function followsSteps({ facts }: Engine): boolean {
  return process.platform === 'linux' && facts.served && facts.name === 'podman';
}

/**
 * The processes of build steps that an OCI runtime of this machine has: buildah names their containers `buildah-` and
 * their bundle's folder (https://github.com/containers/buildah/blob/v1.28.2/run_common.go).
 */
export async function listSteps(ask: Ask): Promise<RuntimeStep[]> {
  const lists = await Promise.all(
    RUNTIMES.map(async (runtime) => {
      const answer = await ask({ file: runtime, args: ['list', '--format', 'json'], env: {} });
      return answer.code === 0 ? readList(answer.stdout).flatMap((entry) => stepOf(runtime, entry, ask)) : [];
    }),
  );
  return lists.flat();
}

function stepOf(runtime: string, entry: Record<string, unknown>, ask: Ask): RuntimeStep[] {
  const { id, pid, status, bundle, created } = entry;
  if (typeof id !== 'string' || typeof bundle !== 'string' || typeof pid !== 'number') return [];
  if (id !== `buildah-${basename(bundle)}`) return [];
  const bornAt = typeof created === 'string' ? Date.parse(created) : Number.NaN;
  if (Number.isNaN(bornAt)) return [];
  // It ends every process in the step's container.
  const end = () => ask({ file: runtime, args: ['delete', '--force', id], env: {} });
  const step = { id, bundle, bornAt, args: argsOf(bundle), end };
  if (status === 'stopped') return [{ ...step, pid: 0, orphaned: false, ended: true }];
  const process = pid > 0 ? findProcess(pid) : undefined;
  return process === undefined ? [] : [{ ...step, pid, orphaned: isOrphaned(process.parent) }];
}

/** Nothing above it holds it any more. */
function isOrphaned(parent: number): boolean {
  for (let pid = parent; pid > 0; ) {
    if (HOLDERS.test(basename(programOf(pid)))) return false;
    pid = findProcess(pid)?.parent ?? 0;
  }
  return true;
}

/** The file that it runs, as a process can call itself anything; of another user's, the name that the kernel has. */
function programOf(pid: number): string {
  for (const read of [() => readlinkSync(`/proc/${pid}/exe`), () => readFileSync(`/proc/${pid}/comm`, 'utf8').trim()]) {
    try {
      return read();
    } catch {
      // Another user's, or gone.
    }
  }
  return '';
}

/** What the step was told to run (https://github.com/opencontainers/runtime-spec/blob/main/config.md#process). */
function argsOf(bundle: string): string[] {
  try {
    const config = JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8')) as { process?: { args?: unknown } };
    const args = config.process?.args;
    return Array.isArray(args) ? args.map(String) : [];
  } catch {
    return [];
  }
}

/** `null` when there are none. */
function readList(stdout: string): Record<string, unknown>[] {
  try {
    const list: unknown = JSON.parse(stdout);
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}
