/** A process that a killed run may have left. */
export interface OrphanCandidate {
  pid: number;
  /** Id of its process group. */
  group: number;
  /** The program first. */
  args: string[];
  /** Whether its environment says that this run has started it. */
  marked: boolean;
}

/**
 * The process groups that a run started: builds, whose arguments name its scratch folder, and engine commands that it
 * marked. A marked process of another name is not ours to end: a rootless podman leaves one behind for the whole user.
 */
export function orphanedGroups(
  candidates: readonly OrphanCandidate[],
  scratch: string,
  engines: readonly string[],
): number[] {
  const isOurs = ({ pid, group, args, marked }: OrphanCandidate) =>
    args.some((arg) => arg.includes(scratch)) || (marked && pid === group && engines.includes(programOf(args)));
  const groups = candidates.filter((one) => one.group > 1 && isOurs(one)).map(({ group }) => group);
  return [...new Set(groups)];
}

/** Reads lines of pid, group and arguments, as `ps` prints them; what is marked cannot be told from it. */
export function parseGroupList(text: string): OrphanCandidate[] {
  return text.split('\n').flatMap((line) => {
    const [, pid, group, args = ''] = /^ *(\d+) +(\d+) (.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), group: Number(group), args: args.split(' '), marked: false }];
  });
}

function programOf(args: readonly string[]): string {
  return (args[0] ?? '').split('/').at(-1) ?? '';
}
