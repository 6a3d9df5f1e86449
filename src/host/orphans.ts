import { setTimeout as sleep } from 'node:timers/promises';
import { ENGINE_COMMANDS } from '../engine/engine.js';
import { type OrphanCandidate, orphanedGroups, parseGroupList } from '../resources/orphaned-groups.js';
import { groupMembers } from '../resources/process-group.js';
import { procFiles } from './proc-files.js';
import { askByCommand } from './process.js';

/** A client that is asked to end takes its leave of its server. */
const LEAVE_MS = 3_000;
const AFTER_SIGKILL_MS = 1_000;
const LOOK_EVERY_MS = 20;
const LIST_LIMIT_MS = 5_000;

/** Of every command that talks to the engine but the builds, which are known by their arguments. */
const MARK = 'E2E_BUILD_SCRATCH';

/** The environment by which what this run has started is known, should the run be killed. */
export function markOf(scratch: string): Record<string, string> {
  return { [MARK]: scratch };
}

/**
 * Ends what a killed run left running, each process group by its own id: first as a cancelled run would, then by SIGKILL.
 * Resolves with how many there were. On Windows none is found: the runner itself ends them with the job.
 */
export async function endOrphans(scratch: string): Promise<number> {
  const groups = orphanedGroups(await candidates(scratch), scratch, ENGINE_COMMANDS);
  for (const group of groups) send(group, 'SIGTERM');
  await untilEnded(groups, LEAVE_MS);
  for (const group of groups) send(group, 'SIGKILL');
  await untilEnded(groups, AFTER_SIGKILL_MS);
  return groups.length;
}

async function candidates(scratch: string): Promise<OrphanCandidate[]> {
  if (process.platform === 'win32') return [];
  const pids = procFiles.list('')?.filter((name) => /^\d+$/.test(name));
  if (pids === undefined) {
    const list = await askByCommand(
      { file: 'ps', args: ['-A', '-ww', '-o', 'pid=,pgid=,args='], env: {} },
      LIST_LIMIT_MS,
    );
    return parseGroupList(list.stdout);
  }
  return pids.flatMap((pid) => {
    const stat = procFiles.read(`${pid}/stat`);
    const args = procFiles.read(`${pid}/cmdline`)?.split('\0');
    if (stat === undefined || args === undefined) return [];
    const group = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]);
    const marked = procFiles.read(`${pid}/environ`)?.split('\0').includes(`${MARK}=${scratch}`) ?? false;
    return [{ pid: Number(pid), group, args, marked }];
  });
}

async function untilEnded(groups: readonly number[], limitMs: number): Promise<void> {
  for (let waited = 0; waited < limitMs && groups.some(isAlive); waited += LOOK_EVERY_MS) await sleep(LOOK_EVERY_MS);
}

function isAlive(group: number): boolean {
  const members = groupMembers(procFiles, group);
  return members === undefined ? send(group, 0) : members.some(({ zombie }) => !zombie);
}

/** Whether there was anything to send it to. */
function send(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    return false;
  }
}
