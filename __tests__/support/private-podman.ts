import { startPodmanServer } from '../../demo/private-podman.mjs';
import { type PrivateEngine, readByCopy } from './private-engines.js';

/** A podman server with storage and a socket of its own, as root or rootless. */
export async function privatePodman(folder: string): Promise<PrivateEngine> {
  const server = await startPodmanServer({ folder });
  // A plain user has no network namespace to set up without a tun device: the host's takes its place.
  const network = process.getuid?.() === 0 ? 'none' : 'host';
  return {
    env: server.env,
    inputs: { engine: 'podman', 'engine-url': server.url, 'extra-args': `--network=${network}` },
    socket: server.socket,
    signal(name) {
      void server.kill(name);
      return true;
    },
    start: server.start,
    read: readByCopy(['podman', '--url', server.url], server.env, folder),
    close: server.stop,
  };
}
