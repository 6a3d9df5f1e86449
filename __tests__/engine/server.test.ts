import { describe, expect, it } from '@jest/globals';
import { buildahFromProbe } from '../../src/engine/buildah.js';
import { dockerFromApi, dockerFromProbe } from '../../src/engine/docker.js';
import type { Engine } from '../../src/engine/engine.js';
import { podmanFromApi, podmanFromProbe } from '../../src/engine/podman.js';
import { socketPaths } from '../../src/engine/server.js';

const GIB = 2 ** 30;
const answer = (stdout: string, server = '') => ({ code: 0, stdout, stderr: '', server });
const serverOf = (engine: Engine | string) => (typeof engine === 'string' ? undefined : engine.server);
const PODMAN = answer('{"Client":{"Version":"5.4.0"},"Server":{"Version":"5.4.0"}}');
const podman = serverOf(podmanFromProbe({ engine: 'auto' }, PODMAN, 'asked'));
const docker = serverOf(dockerFromProbe({ engine: 'auto' }, answer('28.5.2\n'), true, 'asked'));

const CONNECTIONS = JSON.stringify([
  { Name: 'farm', URI: 'ssh://root@farm.example:22/run/podman/podman.sock', Identity: '', Default: false },
  {
    Name: 'podman-machine-default-root',
    URI: 'ssh://root@127.0.0.1:62093/run/podman/podman.sock',
    Identity: '/Users/me/.local/share/containers/podman/machine/machine',
    IsMachine: true,
    Default: true,
  },
  { Name: 'here', URI: 'unix:///run/user/1000/podman/podman.sock', Default: false },
]);

describe("the engine's server", () => {
  it('is not there where the client does the work', () => {
    const local = podmanFromProbe({ engine: 'auto' }, answer('{"Client":{"Version":"4.3.1"}}'), 'asked');
    expect(serverOf(local)).toBeUndefined();
    expect(serverOf(buildahFromProbe(answer('buildah version 1.43.0 (x)'), 'asked'))).toBeUndefined();
  });

  it('is asked through its API where that can be reached, and by the client elsewhere', () => {
    const api = { socketPath: '/p.sock' };
    const request = { engine: 'auto' as const, engineUrl: 'unix:///p.sock' };
    const byApi = serverOf(podmanFromApi(request, api, answer('OK', 'Libpod/5.4.0 (linux)'), 'asked'));
    expect(byApi?.askMachine).toEqual({ address: api, path: '/v4.0.0/libpod/info' });
    expect(byApi?.address).toBe('unix:///p.sock');
    const dockerByApi = serverOf(dockerFromApi(request, api, answer('OK', 'Docker/28.5.2 (linux)'), true, 'asked'));
    expect(dockerByApi?.askMachine).toEqual({ address: api, path: '/info' });
    expect(podman?.askMachine).toEqual({ file: 'podman', args: ['info', '--format', 'json'], env: {} });
    expect(docker?.askMachine).toEqual({ file: 'docker', args: ['info', '--format', '{{json .}}'], env: {} });
  });

  it("is at podman's default connection, or at the one that is named", () => {
    expect(podman?.readAddress(CONNECTIONS)).toEqual({
      url: 'ssh://root@127.0.0.1:62093/run/podman/podman.sock',
      machine: 'podman-machine-default',
    });
    expect(podman?.readAddress(CONNECTIONS, 'farm')).toEqual({
      url: 'ssh://root@farm.example:22/run/podman/podman.sock',
    });
    expect(podman?.readAddress(CONNECTIONS, 'here')).toEqual({ url: 'unix:///run/user/1000/podman/podman.sock' });
    expect(podman?.readAddress(CONNECTIONS, 'gone')).toBeUndefined();
  });

  it("is at docker's context", () => {
    expect(docker?.readAddress('unix:///var/run/docker.sock\n')).toEqual({ url: 'unix:///var/run/docker.sock' });
  });

  it('tells of the machine that podman runs on, and what is free of it', () => {
    const info = {
      host: { hostname: 'fedora', cpus: 6, memTotal: 7 * GIB, memFree: GIB, swapTotal: 4 * GIB, swapFree: 3 * GIB },
    };
    expect(podman?.readMachine(JSON.stringify(info))).toEqual({
      machine: { name: 'fedora', cpus: 6, memoryBytes: 7 * GIB },
      now: { memoryFreeBytes: GIB, swapUsedBytes: GIB },
    });
  });

  it("tells of a podman machine's size", () => {
    expect(podman?.askVirtualMachine('m')).toEqual({ file: 'podman', args: ['machine', 'inspect', 'm'], env: {} });
    const inspected = [{ Name: 'm', Resources: { CPUs: 6, DiskSize: 100, Memory: 2048, USBs: [] }, State: 'running' }];
    expect(podman?.readVirtualMachine(JSON.stringify(inspected))).toEqual({
      name: 'podman machine "m"',
      cpus: 6,
      memoryBytes: 2 * GIB,
      diskBytes: 100 * GIB,
    });
  });

  it("tells of docker's machine what it has, and nothing of what is free", () => {
    const info = { NCPU: 4, MemTotal: 8 * GIB, Name: 'docker-desktop', OperatingSystem: 'Docker Desktop' };
    expect(docker?.readMachine(JSON.stringify(info))).toEqual({
      machine: { name: 'Docker Desktop', cpus: 4, memoryBytes: 8 * GIB },
    });
    expect(docker?.askVirtualMachine('m')).toBeUndefined();
  });

  it.each([
    '',
    'null',
    '{}',
    '[]',
    '[null]',
    '"x"',
    '{"host":null}',
    '{"NCPU":0,"MemTotal":0}',
    '{"host":{"cpus":"6"}',
  ])('tells nothing when it answers %j', (text) => {
    for (const server of [podman, docker]) {
      expect(server?.readMachine(text)).toBeUndefined();
      expect(server?.readAddress(text)).toBeUndefined();
      expect(server?.readVirtualMachine(text)).toBeUndefined();
    }
  });

  it('may be known to the kernel by another path than to us', () => {
    const realPath = (path: string) => path.replace('/var/run/', '/run/');
    expect(socketPaths('unix:///var/run/docker.sock', realPath)).toEqual(['/var/run/docker.sock', '/run/docker.sock']);
    expect(socketPaths('unix:///run/docker.sock', realPath)).toEqual(['/run/docker.sock', '/var/run/docker.sock']);
    expect(socketPaths('tcp://127.0.0.1:2375', realPath)).toBeUndefined();
  });
});
