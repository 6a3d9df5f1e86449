// Where a private podman server keeps its things, how it is configured, and how all of it is removed again.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isInstalled } from './commands.mjs';

/** Podman refuses a longer runroot (https://github.com/containers/podman/blob/v4.3.1/pkg/domain/infra/runtime_libpod.go). */
const LONGEST_RUNROOT = 50;

/**
 * Makes the folders and the configuration of a private podman. Throws when the folder's path is too long.
 * @param {string} folder
 */
export function layOutState(folder) {
  const [root, run, libpod, temp, runtime] = /** @type {[string, string, string, string, string]} */ (
    ['root', 'run', 'libpod', 'tmp', 'xdg'].map((name) => join(folder, name))
  );
  if (run.length > LONGEST_RUNROOT)
    throw new Error(`podman takes no runroot longer than ${LONGEST_RUNROOT} characters: ${run}`);
  for (const path of [root, run, libpod, temp, runtime]) mkdirSync(path, { recursive: true, mode: 0o700 });
  const conf = join(folder, 'containers.conf');
  writeFileSync(conf, containersConf());
  // Rootless podman keeps its user namespace alive by a process it notes here: it must not be the user's own.
  const clientEnv = { CONTAINERS_CONF: conf, ...(isRoot() ? {} : { XDG_RUNTIME_DIR: runtime }) };
  // These would make the server a client of another one.
  const { CONTAINER_HOST: _host, CONTAINER_CONNECTION: _connection, ...env } = process.env;
  return {
    folder,
    socket: join(folder, 'p.sock'),
    temp,
    storage: [root, run],
    log: join(folder, 'server.log'),
    pauseFiles: [join(runtime, 'libpod', 'tmp', 'pause.pid'), join(libpod, 'pause.pid')],
    args: ['--root', root, '--runroot', run, '--tmpdir', libpod],
    /** @type {Record<string, string>} */
    clientEnv,
    serverEnv: { ...env, ...clientEnv, TMPDIR: temp },
  };
}

/**
 * Ends the build steps that the server left running, unmounts its storage and removes its folder. The server must have
 * ended. What belongs to another podman is not looked at: containers are known by their bundles in our own folder.
 * @param {ReturnType<typeof layOutState>} state
 * @param {string} podman the executable
 */
export function removeState(state, podman) {
  if (!existsSync(state.folder)) return;
  const env = state.serverEnv;
  const bundles = existsSync(state.temp) ? readdirSync(state.temp).filter((name) => name.startsWith('buildah')) : [];
  for (const runtime of ['crun', 'runc'].filter(isInstalled)) {
    for (const bundle of bundles) spawnSync(runtime, ['delete', '--force', `buildah-${bundle}`], { env });
  }
  if (isRoot()) {
    for (const mount of mountsBelow(state.folder)) spawnSync('umount', ['-l', mount]);
  } else {
    // Files of other users of the namespace can be removed only from within it; its mounts go with its last process.
    endPause(state);
    spawnSync(podman, [...state.args, 'unshare', 'rm', '-rf', ...state.storage, state.temp], { env });
    endPause(state);
  }
  rmSync(state.folder, { recursive: true, force: true, maxRetries: 5 });
}

/**
 * Cgroups without systemd and a log file for events work everywhere; limits above our own could not be set by us. crun
 * refuses the mixed cgroup layout (v1 beside v2), which runc takes. File locks: other podmans share those in memory.
 */
function containersConf() {
  return [
    '[containers]',
    `default_ulimits = ["nofile=${limit('Max open files', 4096)}", "nproc=${limit('Max processes', 32768)}"]`,
    '[engine]',
    'cgroup_manager = "cgroupfs"',
    'events_logger = "file"',
    'lock_type = "file"',
    ...(hasMixedCgroups() && isInstalled('runc') ? ['runtime = "runc"'] : []),
    '',
  ].join('\n');
}

/** Whether cgroups v1 and v2 are mounted side by side, or only v1. */
export function hasMixedCgroups() {
  return !existsSync('/sys/fs/cgroup/cgroup.controllers');
}

/** @param {string} name a row of /proc/self/limits: name, soft limit, hard limit @param {number} wanted */
function limit(name, wanted) {
  const hard = new RegExp(`^${name} +\\S+ +(\\d+)`, 'm').exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  const most = Math.min(wanted, Number(hard ?? wanted));
  return `${most}:${most}`;
}

/** Mount points below a folder, innermost first. @param {string} folder */
function mountsBelow(folder) {
  return readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) =>
      (line.split(' ')[1] ?? '').replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8))),
    )
    .filter((mount) => mount.startsWith(`${folder}/`))
    .sort()
    .reverse();
}

/** @param {{ pauseFiles: string[] }} state */
function endPause({ pauseFiles }) {
  for (const file of pauseFiles.filter((path) => existsSync(path))) {
    try {
      process.kill(Number(readFileSync(file, 'utf8')), 'SIGKILL');
    } catch {
      // It ended by itself.
    }
    rmSync(file, { force: true });
  }
}

function isRoot() {
  return process.getuid?.() === 0;
}
