// Which engine the demo builds with, and how that engine comes to die in mid-build.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ask, isInstalled } from './commands.mjs';
import { parseAddress, startCuttingProxy } from './cutting-proxy.mjs';
import { startPodmanServer } from './private-podman.mjs';

const SUPERVISE_EVERY_MS = 500;

/**
 * @typedef {object} DemoEngine
 * @property {string} what it is, for a sentence
 * @property {'podman' | 'docker'} name
 * @property {string} url what the action builds with
 * @property {Record<string, string>} env what the action needs in its environment
 * @property {string} death what `die` does, for a sentence
 * @property {() => Promise<void>} die
 * @property {() => Promise<void>} revive
 * @property {(tags: string[]) => Promise<void>} close leaves the machine as it was, without the images of these tags
 */

/**
 * The engine for the demo: a private podman server on Linux, else the user's own engine behind a proxy. Returns
 * undefined when no engine answers.
 * @param {{ folder: string, proxy: boolean, docker: boolean, say: (line: string) => void }} options `folder`: for the
 *   server's state; `proxy`: cut the connection rather than kill the server; `docker`: only the user's own docker will do
 * @returns {Promise<DemoEngine | undefined>}
 */
export async function findEngine({ folder, proxy, docker, say }) {
  if (process.platform === 'linux' && !docker && isInstalled('podman')) {
    try {
      const server = await startPodmanServer({ folder: join(folder, 'engine') });
      return proxy ? await behindProxy(server) : privateServer(server);
    } catch (error) {
      say(`No private podman server can be had here: ${error instanceof Error ? error.message.trim() : error}`);
    }
  }
  const own = docker ? ownDocker() : (ownPodman() ?? ownDocker());
  return own === undefined ? undefined : ownEngine(own.name, own.address);
}

/** @param {import('./private-podman.mjs').PodmanServer} server @returns {DemoEngine} */
function privateServer(server) {
  return {
    what: `a private podman server (pid ${server.pid}, storage and socket of its own)`,
    name: 'podman',
    url: server.url,
    env: server.env,
    death: 'the podman server is killed (SIGKILL)',
    die: () => server.kill('SIGKILL'),
    revive: () => server.start(),
    close: () => server.stop(),
  };
}

/** @param {import('./private-podman.mjs').PodmanServer} server @returns {Promise<DemoEngine>} */
async function behindProxy(server) {
  const proxy = await startCuttingProxy(server.url);
  // A real service has a supervisor, and needs it: podman 4.3.1 can panic in a build whose client has gone away.
  const supervisor = setInterval(() => server.start().catch(() => {}), SUPERVISE_EVERY_MS);
  return {
    ...privateServer(server),
    what: `a private podman server (pid ${server.pid}) behind a proxy`,
    ...cutting(proxy),
    close: async () => {
      clearInterval(supervisor);
      await proxy.stop();
      await server.stop();
    },
  };
}

/** @param {'podman' | 'docker'} name @param {string} address @returns {Promise<DemoEngine>} */
async function ownEngine(name, address) {
  const proxy = await startCuttingProxy(address);
  return {
    what: `your own ${name} behind a proxy (the images go there, and their tags are removed at the end)`,
    name,
    // The builder must be the engine behind the proxy, and the proxy speaks plain TCP.
    env: name === 'docker' ? { BUILDX_BUILDER: 'default', DOCKER_TLS_VERIFY: '' } : {},
    ...cutting(proxy),
    close: async (tags) => {
      await proxy.stop();
      for (const tag of tags) spawnSync(name, ['rmi', tag], { stdio: 'ignore' });
    },
  };
}

/** @param {import('./cutting-proxy.mjs').CuttingProxy} proxy */
function cutting(proxy) {
  return {
    url: proxy.url,
    death: 'every connection to the engine is cut, and new ones are refused',
    die: proxy.cut,
    revive: proxy.resume,
  };
}

/** The server of a podman machine, which is a pipe on Windows. @returns {{ name: 'podman', address: string } | undefined} */
function ownPodman() {
  const info = process.platform === 'win32' ? 'PodmanPipe' : 'PodmanSocket';
  const address = ask('podman', ['machine', 'inspect', '--format', `{{.ConnectionInfo.${info}.Path}}`]);
  if (address === undefined || ask('podman', ['version', '--format', '{{.Server.Version}}']) === undefined)
    return undefined;
  return { name: 'podman', address };
}

/** The docker that the client is set to, when it can be reached from here. @returns {{ name: 'docker', address: string } | undefined} */
function ownDocker() {
  if (ask('docker', ['version', '--format', '{{.Server.Version}}']) === undefined) return undefined;
  const address =
    process.env['DOCKER_HOST'] || ask('docker', ['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}']);
  try {
    parseAddress(address ?? '');
    return { name: 'docker', address: /** @type {string} */ (address) };
  } catch {
    return undefined;
  }
}
