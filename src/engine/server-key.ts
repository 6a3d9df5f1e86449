import type { EngineServer } from './server.js';

/** What names one of the client's own connections to a client that is given no address. */
const CHOSEN_BY = { CONTAINER_HOST: 'CONTAINER_CONNECTION', DOCKER_HOST: 'DOCKER_CONTEXT' } as const;

/**
 * What tells an engine from others of its name, without asking anybody: the address that is given or that the environment has, a
 * socket by its real folder; else the connection that the environment names; else '', which is the client's own choice. Of an
 * engine without a server it is the storage.
 */
export function serverKey(
  server: Pick<EngineServer, 'address' | 'variable'> | undefined,
  environment: Readonly<Record<string, string | undefined>>,
  realPath: (path: string) => string,
): string {
  if (server === undefined) return environment['CONTAINERS_STORAGE_CONF'] ?? '';
  if (server.address) return normalAddress(server.address, realPath);
  const { [server.variable]: url, [CHOSEN_BY[server.variable]]: chosen } = environment;
  const key = [url && normalAddress(url, realPath), chosen && `connection ${chosen}`].filter(Boolean);
  // Of both, docker takes the address, and so does podman 4.3; podman 5.8 takes the connection: together they mean one thing.
  return server.variable === 'DOCKER_HOST' ? (key[0] ?? '') : key.join(' ');
}

/** A server that listens no more has no socket, but its folder is there; `/var/run` is a link to `/run` nearly everywhere. */
function normalAddress(url: string, realPath: (path: string) => string): string {
  const [, folder, name] = /^unix:\/\/(\/.*)\/([^/]+)$/i.exec(url) ?? [];
  if (folder === undefined) return url;
  return `unix://${realPath(folder)}/${name}`.replace(/^unix:\/\/\/var\/run\//, 'unix:///run/');
}
