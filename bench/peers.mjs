// What is built without the action: `podman build` under xargs, all of it again until all succeed.
import { spawn } from 'node:child_process';

/** As the retry actions' own examples have it. */
const MOST_TRIES = 3;

/**
 * @typedef {object} Took
 * @property {number | undefined} ms undefined when it did not succeed
 * @property {number} again how often it was begun again, or how often the engine died under it
 */

/**
 * Builds the images with `--no-cache`, `lanes` at a time (0: all at once), in the order given; when one fails, all of them
 * again as soon as the server is back, three times in all.
 * @param {readonly import('./user-images.mjs').BenchImage[]} images
 * @param {number} lanes
 * @param {{ server: import('./deaths.mjs').PodmanServer, dying: import('./deaths.mjs').Dying }} on
 * @param {string[]} [args] more arguments for the build command
 * @returns {Promise<Took>}
 */
export async function buildWithXargs(images, lanes, { server, dying }, args = []) {
  const began = performance.now();
  for (let again = 0; again < MOST_TRIES; again += 1) {
    await dying.back();
    if (await xargs(images, lanes, server, args)) return { ms: performance.now() - began, again };
  }
  return { ms: undefined, again: MOST_TRIES - 1 };
}

/**
 * @param {readonly import('./user-images.mjs').BenchImage[]} images @param {number} lanes
 * @param {import('./deaths.mjs').PodmanServer} server @param {string[]} args
 * @returns {Promise<boolean>} whether all were built
 */
function xargs(images, lanes, server, args) {
  const podman = ['podman', '--url', server.url, 'build', '--no-cache', '--network=none', ...args];
  const child = spawn('xargs', [`-P${lanes}`, '-L1', ...podman], {
    env: { ...process.env, ...server.env },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.stdin.end(images.map(({ tags, context }) => `--tag ${tags[0]} ${context}\n`).join(''));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code === 0));
  });
}
