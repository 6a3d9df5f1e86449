import { expect, it } from '@jest/globals';
import { serverKey } from '../../src/engine/server-key.js';

const LINKS: Record<string, string> = { '/home/me/link': '/run/user/1000', '/run//podman': '/run/podman' };
const realPath = (path: string) => LINKS[path] ?? path;
const PODMAN = { address: undefined, variable: 'CONTAINER_HOST' } as const;
const DOCKER = { address: undefined, variable: 'DOCKER_HOST' } as const;
const at = (address: string) => ({ ...PODMAN, address });

it.each<[string, Parameters<typeof serverKey>[0], Record<string, string>, string]>([
  ['the default connection', PODMAN, {}, ''],
  ['engine-url', at('unix:///run/podman/podman.sock'), {}, 'unix:///run/podman/podman.sock'],
  [
    'engine-url before the environment',
    at('tcp://host:1'),
    { CONTAINER_HOST: 'tcp://host:2', CONTAINER_CONNECTION: 'x' },
    'tcp://host:1',
  ],
  ['the same address out of the environment', PODMAN, { CONTAINER_HOST: 'tcp://host:1' }, 'tcp://host:1'],
  [
    'both of an address and a connection, of which podmans take the one or the other',
    PODMAN,
    { CONTAINER_HOST: 'tcp://host:1', CONTAINER_CONNECTION: 'x' },
    'tcp://host:1 connection x',
  ],
  ["docker's address before its context", DOCKER, { DOCKER_HOST: 'tcp://host:1', DOCKER_CONTEXT: 'x' }, 'tcp://host:1'],
  ['a variable that is empty', PODMAN, { CONTAINER_HOST: '', CONTAINER_CONNECTION: '' }, ''],
  ['a connection', PODMAN, { CONTAINER_CONNECTION: 'farm' }, 'connection farm'],
  ['a context', DOCKER, { DOCKER_CONTEXT: 'farm' }, 'connection farm'],
  ['what is of the other engine', DOCKER, { CONTAINER_HOST: 'tcp://host:1', CONTAINER_CONNECTION: 'farm' }, ''],
  ['a socket in /var/run', at('unix:///var/run/docker.sock'), {}, 'unix:///run/docker.sock'],
  ['a socket behind a link', at('unix:///home/me/link/podman.sock'), {}, 'unix:///run/user/1000/podman.sock'],
  ['a socket with a slash too many', at('unix:///run//podman/podman.sock'), {}, 'unix:///run/podman/podman.sock'],
  ['a socket at the top', at('unix:///podman.sock'), {}, 'unix:///podman.sock'],
  ['a named pipe', { ...DOCKER, address: 'npipe:////./pipe/docker_engine' }, {}, 'npipe:////./pipe/docker_engine'],
  [
    'no server: the storage',
    undefined,
    { CONTAINERS_STORAGE_CONF: '/s.conf', CONTAINER_HOST: 'tcp://host:1' },
    '/s.conf',
  ],
  ['no server, and the usual storage', undefined, {}, ''],
])('an engine is known by its place: %s', (_, server, environment, key) => {
  expect(serverKey(server, environment, realPath)).toBe(key);
});
