import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { buildProcesses } from './process-table.js';

/** Something of the test's own to build with: environment and inputs for the action, and how to be rid of it. */
export interface PrivateEngine {
  env: Record<string, string>;
  inputs: Record<string, string>;
  /** Path of the server's socket; absent where there is no server. */
  socket?: string;
  /**
   * Sends the server a signal, or where there is none each build, and does not wait for what comes of it. Returns whether
   * there was anything to send it to.
   */
  signal(name: NodeJS.Signals): boolean;
  /** Starts the server again as soon as the one before has ended; resolves when it answers. */
  start(): Promise<void>;
  /** Copies a file out of an image that the engine has; throws when there is no such image, or no such file. */
  read(tag: string, path: string): Buffer;
  close(): Promise<void>;
}

/** What a command of the engine's client begins with. */
export function clientWords({ inputs }: Pick<PrivateEngine, 'inputs'>): string[] {
  const engine = inputs['engine'] as string;
  const url = inputs['engine-url'];
  return url === undefined ? [engine] : [engine, engine === 'docker' ? '--host' : '--url', url];
}

/** podman and buildah without a server, with storage of their own. */
export function localStorage(folder: string, engine: 'podman' | 'buildah'): PrivateEngine {
  mkdirSync(folder, { recursive: true });
  const storage = join(folder, 'storage.conf');
  const containers = join(folder, 'containers.conf');
  writeFileSync(storage, `[storage]\ndriver = "overlay"\ngraphroot = "${folder}/root"\nrunroot = "${folder}/run"\n`);
  // runc, as crun refuses the hybrid cgroup layout that Debian 12 containers may have; cgroupfs, as no systemd runs.
  writeFileSync(
    containers,
    '[containers]\ndefault_ulimits=["nofile=4096:4096","nproc=32768:32768"]\n[engine]\nruntime="runc"\ncgroup_manager="cgroupfs"\nevents_logger="file"\n',
  );
  const env = { CONTAINERS_STORAGE_CONF: storage, CONTAINERS_CONF: containers, BUILDAH_RUNTIME: 'runc' };
  return {
    env,
    inputs: { engine, 'extra-args': '--network=none' },
    signal(name) {
      const builds = buildsIn(dirname(folder), engine);
      for (const pid of builds) process.kill(pid, name);
      return builds.length > 0;
    },
    start: async () => {},
    read: engine === 'podman' ? readByCopy(['podman'], env, folder) : readByMount(env),
    close: async () => removeStorage(folder),
  };
}

/** The builds without a server whose contexts lie below a folder. */
function buildsIn(folder: string, engine: string): number[] {
  return buildProcesses(
    (words) => basename(words[0] ?? '') === engine && words.some((word) => word.startsWith(`${folder}/`)),
  );
}

/** Reads from images by a container that is made and never run, as podman and docker can; the folder takes the copy. */
export function readByCopy(
  client: string[],
  env: Record<string, string>,
  folder: string,
): (tag: string, path: string) => Buffer {
  return (tag, path) => {
    const copy = join(folder, 'copy');
    // An image from scratch has no command, without which no container is made.
    const container = ask([...client, 'create', '--network=none', tag, '/bin/true'], env);
    ask([...client, 'cp', `${container}:${path}`, copy], env);
    ask([...client, 'rm', '--force', container], env);
    const content = readFileSync(copy);
    rmSync(copy);
    return content;
  };
}

/** Buildah cannot copy out of a container; its mounts are of this machine. */
function readByMount(env: Record<string, string>): (tag: string, path: string) => Buffer {
  return (tag, path) => {
    const container = ask(['buildah', 'from', '--pull-never', tag], env);
    const content = readFileSync(join(ask(['buildah', 'mount', container], env), path));
    ask(['buildah', 'rm', container], env);
    return content;
  };
}

function ask([file, ...args]: string[], env: Record<string, string>): string {
  const { status, stdout, stderr } = spawnSync(file as string, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  if (status !== 0) throw new Error(`${[file, ...args].join(' ')}: ${stderr}`);
  return stdout.trim();
}

/** Unmounts what lies below the folder, innermost first, and removes it. */
export function removeStorage(folder: string): void {
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((mount) => mount.startsWith(`${folder}/`))
    .sort()
    .reverse();
  for (const mount of mounts) spawnSync('umount', ['-l', mount]);
  rmSync(folder, { recursive: true, force: true });
}
