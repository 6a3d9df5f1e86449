// The images of the user's workload, and the best that lanes can do with them.
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the user's three images took, in seconds, in the order in which they were listed. */
const SECONDS = { light: 82, middle: 150, heavy: 233 };
const STEPS = 4;

/** @typedef {{ name: string, context: string, tags: string[] }} BenchImage */

/**
 * Writes the three images into a workspace; each copies what is its own, and sleeps in four equal steps.
 * @param {string} workspace folder
 * @param {number} scale how many times faster than the user's
 * @returns {BenchImage[]}
 */
export function writeUserImages(workspace, scale) {
  return Object.entries(SECONDS).map(([name, seconds]) => {
    const context = join(workspace, name);
    mkdirSync(join(context, 'rootfs', 'bin'), { recursive: true });
    copyFileSync('/bin/busybox', join(context, 'rootfs', 'bin', 'busybox'));
    symlinkSync('busybox', join(context, 'rootfs', 'bin', 'sh'));
    // Images of three services have no step in common.
    writeFileSync(join(context, 'rootfs', 'name'), name);
    const pause = (seconds / scale / STEPS).toFixed(3);
    const steps = Array.from(
      { length: STEPS },
      (_, step) => `RUN /bin/busybox sleep ${pause} && echo ${name} > /s${step}`,
    );
    writeFileSync(join(context, 'Containerfile'), ['FROM scratch', 'COPY rootfs/ /', ...steps, ''].join('\n'));
    return { name, context, tags: [`localhost/bench/${name}:e2e`] };
  });
}

/**
 * When two lanes end at the earliest that share these times in any way; tries every way.
 * @param {readonly number[]} times
 */
export function bestOfTwoLanes(times) {
  const sum = times.reduce((total, time) => total + time, 0);
  let best = sum;
  for (let chosen = 0; chosen < 2 ** times.length; chosen += 1) {
    const one = times.reduce((total, time, index) => total + (chosen & (1 << index) ? time : 0), 0);
    best = Math.min(best, Math.max(one, sum - one));
  }
  return best;
}
