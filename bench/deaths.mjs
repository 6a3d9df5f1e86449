// How a private podman server comes to die while images are built on it, and comes back.
import { setTimeout as sleep } from 'node:timers/promises';
import './typescript.mjs';

const { buildClients } = await import('../__tests__/support/process-table.ts');

const LOOK_EVERY_MS = 50;

/**
 * @typedef {import('../demo/private-podman.mjs').PodmanServer} PodmanServer
 * @typedef {object} Dying
 * @property {() => Promise<void>} back resolves when the server is not dead, or no longer
 * @property {() => Promise<void>} stop no death begins after it; resolves when the server is back from the last one
 * @typedef {(server: PodmanServer) => Dying} Death begins at once
 */

/** The server lives. @returns {Dying} */
export function noDeath() {
  return { back: async () => {}, stop: async () => {} };
}

/**
 * SIGKILL after `afterMs`, and the server is back `downMs` later. @param {number} afterMs @param {number} downMs
 * @returns {Death}
 */
export function deathAfter(afterMs, downMs) {
  return (server) => {
    let busy = Promise.resolve();
    const timer = setTimeout(() => {
      busy = die(server, downMs);
    }, afterMs);
    return {
      back: () => busy,
      stop: () => {
        clearTimeout(timer);
        return busy;
      },
    };
  };
}

/**
 * SIGKILL whenever the process table shows more than `most` build clients of this server; back `downMs` later.
 * @param {number} most @param {number} downMs
 * @returns {Death}
 */
export function deathAbove(most, downMs) {
  return (server) => {
    let busy = Promise.resolve();
    let down = false;
    const clock = setInterval(() => {
      if (down || buildClients(server.url).length <= most) return;
      down = true;
      busy = die(server, downMs).finally(() => {
        down = false;
      });
    }, LOOK_EVERY_MS);
    return {
      back: () => busy,
      stop: () => {
        clearInterval(clock);
        return busy;
      },
    };
  };
}

/** @param {PodmanServer} server @param {number} downMs */
async function die(server, downMs) {
  await server.kill('SIGKILL');
  await sleep(downMs);
  await server.start();
}
