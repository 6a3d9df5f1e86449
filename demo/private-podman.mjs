// A podman server of one's own: what it stores, its socket and its temporary files lie in one folder, and go with it.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { layOutState, removeState } from './podman-state.mjs';
import { childrenOf, commandLine, ended, hasEnded, send } from './processes.mjs';

const START_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 3_000;
/** Idle seconds after which the server ends by itself, should whoever started it never come to stop it. */
const IDLE_LIMIT_S = 900;

/**
 * @typedef {object} PodmanServer
 * @property {string} socket path of its unix socket
 * @property {string} url what `podman --url` takes
 * @property {number | undefined} pid of the server that runs now, or ran last
 * @property {Record<string, string>} env what its clients need in their environment
 * @property {string[]} args what a podman without a server needs to work on the same storage
 * @property {(signal?: NodeJS.Signals) => Promise<void>} kill ends the server by a signal (SIGKILL); resolves when it has ended
 * @property {() => Promise<void>} start starts it again when it has ended; resolves when it answers
 * @property {() => Promise<void>} stop ends it with what it left running, and removes the folder; may be called twice
 */

/**
 * Starts a podman server (Linux; as root or rootless) that keeps everything in `folder`, which is made when it is
 * missing and is removed by `stop`. Throws, with the server's own words, when it does not answer within 20 s.
 * @param {{ folder: string, podman?: string }} options `podman`: the executable
 * @returns {Promise<PodmanServer>}
 */
export async function startPodmanServer({ folder, podman = 'podman' }) {
  const state = layOutState(folder);
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let server;
  /** @type {Promise<unknown>} */
  let death = Promise.resolve();
  let stopped = false;

  /** @type {PodmanServer} */
  const handle = {
    socket: state.socket,
    url: `unix://${state.socket}`,
    env: state.clientEnv,
    args: state.args,
    get pid() {
      return server?.pid;
    },
    async start() {
      await death;
      if (stopped || (server !== undefined && !hasEnded(server))) return;
      rmSync(state.socket, { force: true });
      const log = openSync(state.log, 'a');
      const args = [...state.args, 'system', 'service', '--time', String(IDLE_LIMIT_S), handle.url];
      // Detached: Ctrl-C in a terminal reaches only whoever started the server, who then stops it in order.
      server = spawn(podman, args, { env: state.serverEnv, stdio: ['ignore', log, log], detached: true });
      closeSync(log);
      await untilItAnswers(server, state, () => stopped);
    },
    async kill(signal = 'SIGKILL') {
      if (server?.pid === undefined || hasEnded(server)) return;
      for (const pid of servingProcesses(server.pid)) send(pid, signal);
      death = ended(server);
      await death;
    },
    async stop() {
      stopped = true;
      await Promise.race([handle.kill('SIGTERM'), sleep(STOP_LIMIT_MS, undefined, { ref: false })]);
      await handle.kill('SIGKILL');
      removeState(state, podman);
    },
  };
  try {
    await handle.start();
  } catch (error) {
    await handle.stop();
    throw error;
  }
  return handle;
}

/**
 * @param {import('node:child_process').ChildProcess} server
 * @param {{ socket: string, log: string }} state
 * @param {() => boolean} stopped
 */
async function untilItAnswers(server, { socket, log }, stopped) {
  /** @type {Error | undefined} */
  let failure;
  server.once('error', (error) => {
    failure = error;
  });
  const until = Date.now() + START_LIMIT_MS;
  while (!stopped() && !(await answers(socket))) {
    if (stopped()) return;
    if (failure !== undefined) throw new Error(`the podman server cannot be started: ${failure.message}`);
    if (hasEnded(server)) throw new Error(`the podman server ended at once: ${readFileSync(log, 'utf8').slice(-2000)}`);
    if (Date.now() > until)
      throw new Error(`the podman server does not answer: ${readFileSync(log, 'utf8').slice(-2000)}`);
    await sleep(50);
  }
}

/** @param {string} socketPath @returns {Promise<boolean>} */
function answers(socketPath) {
  return new Promise((resolve) => {
    const ping = request({ socketPath, path: '/_ping', timeout: 1_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    ping.once('timeout', () => ping.destroy());
    ping.once('error', () => resolve(false));
    ping.end();
  });
}

/**
 * Rootless podman runs itself once more inside its user namespace, and that child is the one that serves.
 * @param {number} pid
 */
function servingProcesses(pid) {
  return [...childrenOf(pid).filter((child) => commandLine(child).join(' ').includes(' system service ')), pid];
}
