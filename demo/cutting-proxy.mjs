// A proxy before an engine's socket that can cut every connection: to the client that looks as if the engine had died.
import { connect, createServer } from 'node:net';

/**
 * @typedef {object} CuttingProxy
 * @property {string} url what `podman --url` and `docker --host` take
 * @property {() => Promise<void>} cut ends all connections and refuses new ones; resolves when the port is closed
 * @property {() => Promise<void>} resume takes connections again, on the same port
 * @property {() => Promise<void>} stop ends everything for good; may be called twice
 */

/**
 * Starts a proxy on a loopback port of its own that forwards to an engine.
 * @param {string} address of the engine: `unix:///path`, `npipe:////./pipe/name`, `tcp://host:port`, or a bare path
 * @returns {Promise<CuttingProxy>}
 */
export async function startCuttingProxy(address) {
  const target = parseAddress(address);
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  let stopped = false;
  // Half-open: a client may end its request and still wait for the answer, as `docker build` does with a hijacked one.
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const engine = connect({ ...target, allowHalfOpen: true });
    for (const [one, other] of /** @type {const} */ ([
      [client, engine],
      [engine, client],
    ])) {
      sockets.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  const port = await listen(server, 0);
  const close = () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    return closed.then(() => undefined);
  };
  return {
    url: `tcp://127.0.0.1:${port}`,
    cut: close,
    resume: async () => {
      if (!stopped) await listen(server, port);
    },
    stop: () => {
      stopped = true;
      return close();
    },
  };
}

/**
 * Where to connect to for an engine's address. Throws when that is not on this machine or reached by plain TCP.
 * @param {string} address
 * @returns {{ path: string } | { host: string, port: number }}
 */
export function parseAddress(address) {
  const [, scheme, rest] = /^(?:([a-z]+):\/\/)?(.+)$/s.exec(address) ?? [];
  if (rest !== undefined) {
    if (scheme === undefined || scheme === 'unix') return { path: rest };
    // Pipes are written npipe:////./pipe/name; Windows wants backslashes.
    if (scheme === 'npipe') return { path: rest.replaceAll('/', '\\') };
    const { hostname, port } = scheme === 'tcp' ? new URL(address) : { hostname: '', port: '' };
    if (port !== '') return { host: hostname, port: Number(port) };
  }
  throw new Error(`the engine's address is ${address}; expected unix://, npipe:// or tcp://host:port`);
}

/** @param {import('node:net').Server} server @param {number} port @returns {Promise<number>} the port that it got */
function listen(server, port) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.removeListener('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
