/** A process as far as it decides whether it may be building on an engine's storage. */
export interface LiveProcess {
  /** Its arguments, the program first. */
  args: string[];
  startedAt: number;
  /** Runs as the user whom the storage belongs to, or as root. */
  mayWriteStorage: boolean;
}

/** Clients of a server: what they build is made by the server. */
const REMOTE = /^(--remote|-r|--url|--connection|--host|-c)(=|$)/;
const ROOT = /^--root(?:=(.*))?$/;

/** Whether this process may be building, in whatever storage: only podman and buildah do so in a process of their own. */
export function mayBuild({ args, mayWriteStorage }: LiveProcess): boolean {
  const [program = '', ...rest] = args;
  const name = program.split('/').at(-1);
  if (!mayWriteStorage || (name !== 'podman' && name !== 'buildah') || rest.includes('pause')) return false;
  return name === 'buildah' || !beforeSubcommand(rest).some((option) => REMOTE.test(option));
}

/** Whether this process may work in the storage in `graphRoot`; one that is given another root works there. */
export function mayWorkIn(graphRoot: string, live: LiveProcess): boolean {
  // What comes after the subcommand is its own business: `podman run IMAGE --root`.
  const options = beforeSubcommand(live.args.slice(1));
  const at = options.findIndex((option) => ROOT.test(option));
  const root = at < 0 ? undefined : (ROOT.exec(options[at] as string)?.[1] ?? options[at + 1]);
  return mayBuild(live) && (root === undefined || root === graphRoot);
}

/** Up to the first word that is neither an option nor the value of the option before it. */
function beforeSubcommand(args: readonly string[]): string[] {
  const end = args.findIndex(
    (arg, index) => !arg.startsWith('-') && !(args[index - 1]?.startsWith('-') && !args[index - 1]?.includes('=')),
  );
  return args.slice(0, end < 0 ? args.length : end);
}
