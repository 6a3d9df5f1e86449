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

/**
 * Whether this process may work in the storage in `graphRoot`. Only podman and buildah make working containers, each in
 * its own process; one that is given another root works there.
 */
export function mayWorkIn(graphRoot: string, { args, mayWriteStorage }: LiveProcess): boolean {
  const [program = '', ...rest] = args;
  const name = program.split('/').at(-1);
  if (!mayWriteStorage || (name !== 'podman' && name !== 'buildah')) return false;
  // What comes after the subcommand is its own business: `podman run IMAGE --root`.
  const options = beforeSubcommand(rest);
  if (rest.includes('pause') || (name === 'podman' && options.some((option) => REMOTE.test(option)))) return false;
  const at = options.findIndex((option) => ROOT.test(option));
  const root = at < 0 ? undefined : (ROOT.exec(options[at] as string)?.[1] ?? options[at + 1]);
  return root === undefined || root === graphRoot;
}

/** Up to the first word that is neither an option nor the value of the option before it. */
function beforeSubcommand(args: readonly string[]): string[] {
  const end = args.findIndex(
    (arg, index) => !arg.startsWith('-') && !(args[index - 1]?.startsWith('-') && !args[index - 1]?.includes('=')),
  );
  return args.slice(0, end < 0 ? args.length : end);
}
