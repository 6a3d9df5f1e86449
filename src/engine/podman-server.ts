import type { ApiAddress } from './api.js';
import type { Command } from './engine.js';
import { count, type EngineServer, field, machineOf, readJson, type ServerAddress } from './server.js';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** A podman server: its default connection, `podman info`, and the machine behind it where there is one. */
export function podmanServer(
  address: string | undefined,
  api: ApiAddress | undefined,
  podman: (args: string[]) => Command,
): EngineServer {
  const client = (...args: string[]): Command => ({ file: 'podman', args, env: {} });
  return {
    address,
    variable: 'CONTAINER_HOST',
    askAddress: client('system', 'connection', 'list', '--format', 'json'),
    readAddress: readConnection,
    // Every server since podman 4 knows this version of its API.
    askMachine:
      api === undefined ? podman(['info', '--format', 'json']) : { address: api, path: '/v4.0.0/libpod/info' },
    readMachine: (stdout) => {
      const host = field(readJson(stdout), 'host');
      const memoryBytes = count(field(host, 'memTotal'));
      if (memoryBytes === undefined) return undefined;
      const name = field(host, 'hostname');
      const memoryFreeBytes = count(field(host, 'memFree'));
      const [swapTotal, swapFree] = [field(host, 'swapTotal'), field(host, 'swapFree')];
      return {
        machine: machineOf({
          name: typeof name === 'string' && name !== '' ? name : undefined,
          cpus: count(field(host, 'cpus')),
          memoryBytes,
        }),
        now: {
          ...(memoryFreeBytes === undefined ? {} : { memoryFreeBytes }),
          ...(typeof swapTotal === 'number' && typeof swapFree === 'number'
            ? { swapUsedBytes: swapTotal - swapFree }
            : {}),
        },
      };
    },
    askVirtualMachine: (name) => client('machine', 'inspect', name),
    readVirtualMachine: (stdout) => {
      const machine = field(readJson(stdout), '0');
      const resources = field(machine, 'Resources');
      const name = field(machine, 'Name');
      if (resources === undefined) return undefined;
      // Memory is in MiB and the disk in GiB (podman-machine-inspect(1), podman-machine-init(1)).
      return machineOf({
        name: typeof name === 'string' ? `podman machine "${name}"` : undefined,
        cpus: count(field(resources, 'CPUs')),
        memoryBytes: count(field(resources, 'Memory'), MIB),
        diskBytes: count(field(resources, 'DiskSize'), GIB),
      });
    },
  };
}

/** The connection that is named, or the default one. Without any the client takes the socket of its own user or root. */
function readConnection(stdout: string, wanted?: string): ServerAddress | undefined {
  const list = readJson(stdout);
  if (!Array.isArray(list)) return undefined;
  const connection: unknown = list.find((one) =>
    wanted === undefined ? field(one, 'Default') === true : field(one, 'Name') === wanted,
  );
  const [name, url] = [field(connection, 'Name'), field(connection, 'URI')];
  if (typeof name !== 'string' || typeof url !== 'string') return undefined;
  // A machine forwards a port of this one to its ssh; a rootful machine's connection has a suffix of its own.
  const isMachine = /^ssh:\/\/[^@/]*@?(127\.0\.0\.1|localhost|\[::1\])[:/]/.test(url);
  return { url, ...(isMachine ? { machine: name.replace(/-root$/, '') } : {}) };
}
