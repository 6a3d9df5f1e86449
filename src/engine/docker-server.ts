import type { ApiAddress } from './api.js';
import type { Command } from './engine.js';
import { count, type EngineServer, field, machineOf, readJson } from './server.js';

/**
 * A docker server. Without an address the client takes that of its context; `docker info` tells what its machine has, and
 * not what is free of it (https://docs.docker.com/reference/api/engine/version/v1.47/#tag/System/operation/SystemInfo).
 */
export function dockerServer(
  address: string | undefined,
  api: ApiAddress | undefined,
  docker: (args: string[]) => Command,
): EngineServer {
  return {
    address,
    variable: 'DOCKER_HOST',
    askAddress: docker(['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}']),
    readAddress: (stdout) => {
      const url = stdout.trim();
      return /^\w+:\/\/\S+$/.test(url) ? { url } : undefined;
    },
    askMachine: api === undefined ? docker(['info', '--format', '{{json .}}']) : { address: api, path: '/info' },
    readMachine: (stdout) => {
      const info = readJson(stdout);
      const cpus = count(field(info, 'NCPU'));
      const memoryBytes = count(field(info, 'MemTotal'));
      if (cpus === undefined && memoryBytes === undefined) return undefined;
      const [name, system] = [field(info, 'Name'), field(info, 'OperatingSystem')].map((text) =>
        typeof text === 'string' && text !== '' ? text : undefined,
      );
      return { machine: machineOf({ name: system === 'Docker Desktop' ? system : name, cpus, memoryBytes }) };
    },
    askVirtualMachine: () => undefined,
    readVirtualMachine: () => undefined,
  };
}
