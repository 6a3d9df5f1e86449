import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Something of the test's own to build with: environment and inputs for the action, and how to be rid of it. */
export interface PrivateEngine {
  env: Record<string, string>;
  inputs: Record<string, string>;
  kill(): void;
  start(): Promise<void>;
  close(): Promise<void>;
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
  return {
    env: { CONTAINERS_STORAGE_CONF: storage, CONTAINERS_CONF: containers, BUILDAH_RUNTIME: 'runc' },
    inputs: { engine, 'extra-args': '--network=none' },
    kill: () => {},
    start: async () => {},
    close: async () => removeStorage(folder),
  };
}

/** A docker daemon with storage and a socket of its own. */
export async function privateDocker(folder: string): Promise<PrivateEngine> {
  mkdirSync(folder, { recursive: true });
  const socket = join(folder, 'd.sock');
  let daemon: ReturnType<typeof spawn> | undefined;
  const start = async () => {
    // After SIGKILL the pids in these files may be zombies, which a new daemon takes for a live one and waits for.
    rmSync(join(folder, 'd.pid'), { force: true });
    stopContainerd(folder);
    rmSync(join(folder, 'exec', 'containerd', 'containerd.pid'), { force: true });
    const log = openSync(join(folder, 'dockerd.log'), 'a');
    daemon = spawn(
      'dockerd',
      [
        '--bridge=none',
        '--iptables=false',
        '--ip6tables=false',
        `--data-root=${folder}/data`,
        `--exec-root=${folder}/exec`,
        `--pidfile=${folder}/d.pid`,
        '-H',
        `unix://${socket}`,
      ],
      { stdio: ['ignore', log, log] },
    );
    for (let tries = 0; tries < 200; tries += 1) {
      if (spawnSync('docker', ['--host', `unix://${socket}`, 'version']).status === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`dockerd does not answer: ${readFileSync(join(folder, 'dockerd.log'), 'utf8').slice(-2000)}`);
  };
  const ended = async (signal: 'SIGTERM' | 'SIGKILL') => {
    if (daemon === undefined || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const gone = new Promise((resolve) => daemon?.once('exit', resolve));
    daemon.kill(signal);
    await gone;
  };
  await start();
  return {
    env: {},
    inputs: { engine: 'docker', 'engine-url': `unix://${socket}`, 'extra-args': '--network=none' },
    kill: () => daemon?.kill('SIGKILL'),
    start,
    async close() {
      await ended('SIGTERM');
      stopContainerd(folder);
      endShims(folder);
      removeStorage(folder);
    },
  };
}

/** A killed dockerd leaves the containerd that it started. */
function stopContainerd(folder: string): void {
  const pidfile = join(folder, 'exec', 'containerd', 'containerd.pid');
  if (!existsSync(pidfile)) return;
  try {
    process.kill(Number(readFileSync(pidfile, 'utf8')), 'SIGKILL');
  } catch {
    // It ended with its daemon.
  }
}

/** What a killed daemon left running for its containers, known by our own folder in the command line. */
function endShims(folder: string): void {
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const words = readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0');
      const ours =
        words[0]?.includes('containerd-shim') === true && words.some((word) => word.startsWith(`${folder}/`));
      if (ours) process.kill(Number(entry), 'SIGKILL');
    } catch {
      // It ended meanwhile.
    }
  }
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
