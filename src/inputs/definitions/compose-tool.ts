import type { DefinitionEffects, ToolQuestion } from './source.js';

/** A tool that resolves compose files. */
export interface ComposeTool {
  /** As people know it, with its version. */
  name: string;
  /** The project that these files (absolute paths) make, as YAML or JSON. */
  config(files: readonly string[]): ToolQuestion;
  /** Whether it writes `$$` for a dollar sign, so that its output can be read as a compose file again. */
  escapes: boolean;
}

const PROBE_LIMIT_MS = 10_000;

/** `podman compose` runs whichever of the others it finds, in places where only podman looks too. */
const COMMANDS: [string, ...string[]][] = [
  ['docker', 'compose'],
  ['docker-compose'],
  ['podman', 'compose'],
  ['podman-compose'],
];

/**
 * The first of Docker Compose 2 and podman-compose 1.1 that is installed. Older ones are passed over: docker-compose 1 knows
 * few of today's keys, and podman-compose 1.0.3 has no `config` (both seen).
 */
export async function findComposeTool(ask: DefinitionEffects['ask']): Promise<ComposeTool | undefined> {
  for (const [file, ...args] of COMMANDS) {
    const { code, stdout } = await ask({ file, args: [...args, 'version'] }, PROBE_LIMIT_MS);
    const tool = code === 0 ? toolFrom([file, ...args], stdout) : undefined;
    if (tool !== undefined) return tool;
  }
  return undefined;
}

/** The tool that says of itself what `version` printed; undefined when it is too old, or another. */
export function toolFrom([file, ...args]: readonly [string, ...string[]], version: string): ComposeTool | undefined {
  const named = (paths: readonly string[]) => paths.flatMap((path) => ['-f', path]);
  const docker = /^Docker Compose version v?((\d+)\.\S+)/m.exec(version);
  if (docker !== null && Number(docker[2]) >= 2) {
    const config = (paths: readonly string[]) => ({
      file,
      args: [...args, ...named(paths), 'config', '--format', 'json'],
    });
    return { name: `Docker Compose ${docker[1]}`, config, escapes: true };
  }
  const podman = /^podman-compose version:?\s+((\d+)\.(\d+)\S*)/m.exec(version);
  if (podman === null || Number(podman[2]) * 1000 + Number(podman[3]) < 1001) return undefined;
  const config = (paths: readonly string[]) => ({ file, args: [...args, ...named(paths), 'config'] });
  return { name: `podman-compose ${podman[1]}`, config, escapes: false };
}
