// The images of examples/, copied to where they can be built without a registry.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const BUSYBOXES = [
  '/bin/busybox',
  '/usr/bin/busybox',
  '/usr/sbin/busybox',
  '/bin/busybox.static',
  '/usr/lib/initramfs-tools/bin/busybox',
];

/**
 * Copies the examples into a workspace. Where this machine has a static busybox it goes into each image, which is then
 * built from nothing (`BASE=scratch`); elsewhere the images begin with the registry's busybox.
 * @param {string} examples folder
 * @param {string} workspace folder
 * @returns {{ images: string, buildArgs: string }} the action's inputs `images` and `build-args`
 */
export function prepareExamples(examples, workspace) {
  const copy = join(workspace, 'examples');
  // Only what images.yml names: other sets of images lie in folders below.
  cpSync(examples, copy, { recursive: true, filter: (path) => path !== join(examples, 'kubernaut-like') });
  const busybox = findBusybox();
  for (const entry of readdirSync(copy, { withFileTypes: true }).filter((each) => each.isDirectory())) {
    const rootfs = join(copy, entry.name, 'rootfs');
    // New in every run, so that no cache of an earlier one spares the engine the steps.
    writeFileSync(join(rootfs, 'etc', 'shop', 'copied-at'), new Date().toISOString());
    if (busybox !== undefined) addBusybox(busybox, join(rootfs, 'bin'));
  }
  return {
    images: readFileSync(join(copy, 'images.yml'), 'utf8'),
    buildArgs: busybox === undefined ? '' : 'BASE=scratch',
  };
}

/** A busybox that runs on its own in an empty image; undefined when this machine has none. */
export function findBusybox() {
  if (process.platform !== 'linux') return undefined;
  // What is linked dynamically names its loader (/lib/ld-…) near the start of the file.
  return BUSYBOXES.find((path) => existsSync(path) && !readFileSync(path).subarray(0, 4096).includes('/ld-'));
}

/** Copies a busybox, with a link for each of its programs. @param {string} busybox @param {string} bin folder */
export function addBusybox(busybox, bin) {
  mkdirSync(bin, { recursive: true });
  cpSync(busybox, join(bin, 'busybox'), { dereference: true });
  const applets = spawnSync(busybox, ['--list'], { encoding: 'utf8' }).stdout.split('\n');
  for (const applet of applets) if (applet !== '' && applet !== 'busybox') symlinkSync('busybox', join(bin, applet));
}
