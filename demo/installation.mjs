// What the demo needs on Linux, installed where that can be done without asking anyone.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { isInstalled } from './commands.mjs';
import { findBusybox } from './example-images.mjs';
import { hasMixedCgroups } from './podman-state.mjs';

/**
 * Installs podman, and a static busybox to build from, where they are missing and apt-get can be run as root or by sudo
 * without a password. Says what it does before it does it; never throws: what then is still missing is missing.
 * @param {(line: string) => void} say
 */
export function installMissing(say) {
  const wanted = missingPackages();
  if (wanted.length === 0) return;
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  if (!isInstalled('apt-get') || (sudo.length > 0 && run(...sudo, 'true').status !== 0)) return;
  say(
    `Missing here: ${wanted.join(', ')}. Installing with ${[...sudo, 'apt-get'].join(' ')}, which can take a minute.`,
  );
  const apt = [...sudo, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q'];
  run(...apt, 'update');
  // Not every release has every package: Ubuntu 22.04 knows no netavark, and its podman needs none.
  const known = wanted.filter((name) => run('apt-cache', 'show', name).status === 0);
  const { status, stdout, stderr } = run(
    ...apt,
    'install',
    '--yes',
    '--no-install-recommends',
    '--no-remove',
    ...known,
  );
  if (status !== 0) say(`apt-get failed (exit ${status}): ${`${stdout}\n${stderr}`.trim().slice(-1000)}`);
}

/** What to install by hand, by platform. @returns {string} */
export function installationHint() {
  switch (process.platform) {
    case 'darwin':
      return 'Install podman (brew install podman && podman machine init --now) or Docker Desktop, and run this again.';
    case 'win32':
      return 'Install podman (winget install RedHat.Podman, then podman machine init --now) or Docker Desktop, and run this again.';
    default:
      return [
        'Install podman and run this again:',
        '  Debian, Ubuntu:  sudo apt-get install -y podman busybox-static',
        '  Fedora, RHEL:    sudo dnf install -y podman',
        '  Arch:            sudo pacman -S podman',
        '  openSUSE:        sudo zypper install podman',
        'or start a docker daemon that this user may use.',
      ].join('\n');
  }
}

function missingPackages() {
  const podman = isInstalled('podman') ? [] : ['podman', 'crun', 'conmon', 'netavark', ...rootless()];
  const runc = hasMixedCgroups() && !isInstalled('runc') ? ['runc'] : [];
  const busybox = findBusybox() === undefined ? ['busybox-static'] : [];
  return [...podman, ...runc, ...busybox];
}

/** Rootless podman maps more than one user with these. */
function rootless() {
  return process.getuid?.() === 0 || existsSync('/usr/bin/newuidmap') ? [] : ['uidmap'];
}

/** @param {string[]} command */
function run(...[program = '', ...args]) {
  return spawnSync(program, args, { encoding: 'utf8' });
}
