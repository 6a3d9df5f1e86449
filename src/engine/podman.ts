import type { ImageSpec } from '../plan/image-spec.js';
import { type ApiAddress, eventsRequest, imageRequest, pingRequest, readImage, readServer } from './api.js';
import { readIdAndSize, sharedBuildArguments, tagArguments } from './arguments.js';
import type { Answer, Command, Engine, EngineRequest, Platform } from './engine.js';
import { podmanLeftovers } from './podman-leftovers.js';
import { podmanServer } from './podman-server.js';
import { removal } from './removal.js';

/**
 * Asks podman for its versions. The answer has a `Server` part exactly when a server does the work (`--url`,
 * `CONTAINER_HOST`, the default connection of a podman machine), seen on 4.3.1 and 5.8.6. A server takes tenths of a second
 * for it, as it runs conmon and the runtime: where its API can be reached, a ping of that is enough.
 */
export function podmanProbe(request: EngineRequest): Command {
  return podman(request, ['version', '--format', 'json']);
}

/** Asks the client alone. */
export const PODMAN_CLIENT_PROBE: Command = { file: 'podman', args: ['--version'], env: {} };

/** The engine that the probe found, or a sentence on why there is none. */
export function podmanFromProbe(request: EngineRequest, result: Answer, why: string): Engine | string {
  const versions = readVersions(result.stdout);
  if (result.code !== 0 || versions === undefined) return 'its answer was not understood';
  const served = versions.server !== undefined;
  return podmanEngine(request, served, versions.server ?? versions.client, undefined, why);
}

/** The engine behind an API that answered a ping, or a sentence on why it cannot be taken. */
export function podmanFromApi(request: EngineRequest, api: ApiAddress, ping: Answer, why: string): Engine | string {
  const server = readServer(ping.server);
  if (server?.name !== 'podman') return `${server?.name ?? 'something else'} answers there, not podman`;
  return podmanEngine(request, true, server.version, api, why);
}

function podmanEngine(
  request: EngineRequest,
  served: boolean,
  version: string,
  api: ApiAddress | undefined,
  why: string,
): Engine {
  const facts: Engine['facts'] = {
    name: 'podman',
    dialect: served ? 'podman-remote' : 'podman',
    served,
    version,
    ...(request.engineUrl === undefined ? {} : { address: request.engineUrl }),
    why,
  };
  return {
    facts,
    build: (image, iidfile) =>
      podman(request, [
        'build',
        ...(image.pull ? ['--pull=always'] : []),
        ...platformAndTags(image),
        ...sharedBuildArguments(image, iidfile),
        ...image.extraArgs,
        image.context,
      ]),
    ping: () => (api === undefined ? podmanProbe(request) : pingRequest(api)),
    events: () =>
      api !== undefined ? eventsRequest(api) : served ? podman(request, ['events', '--format', 'json']) : undefined,
    restart: (on) => (served ? restartPodman(on, request.engineUrl) : []),
    inspect: (id) =>
      api === undefined
        ? podman(request, ['image', 'inspect', '--format', '{{.Id}} {{.Size}}', id])
        : imageRequest(api, id),
    readInspect: api === undefined ? readIdAndSize : readImage,
    storage: () => podman(request, ['info', '--format', '{{.Host.Hostname}}\t{{.Store.GraphRoot}}']),
    leftovers: () => podmanLeftovers((args) => podman(request, args)),
    removal: () => removal((args) => podman(request, args)),
    server: served ? podmanServer(request.engineUrl, api, (args) => podman(request, args)) : undefined,
    unsupported: () => [],
  };
}

/**
 * Several platforms make a manifest list, which podman and buildah name by `--manifest` (podman-build(1)); with
 * `--tag` the last platform's image would take the name.
 */
export function platformAndTags(image: ImageSpec): string[] {
  const platforms = image.platforms.length === 0 ? [] : ['--platform', image.platforms.join(',')];
  if (image.platforms.length < 2) return [...platforms, ...tagArguments(image.tags)];
  return [...platforms, ...image.tags.flatMap((tag) => ['--manifest', tag])];
}

function podman(request: EngineRequest, args: string[]): Command {
  return {
    file: 'podman',
    args: request.engineUrl === undefined ? args : ['--url', request.engineUrl, ...args],
    env: {},
  };
}

/**
 * Off Linux the server lives in a podman machine, which may claim to run and not answer: it is stopped first. On Linux
 * the service is socket-activated and has no Restart of its own.
 */
function restartPodman(on: Platform, url: string | undefined): Command[] {
  if (on.os !== 'linux') return [command('podman', 'machine', 'stop'), command('podman', 'machine', 'start')];
  const units = ['restart', 'podman.socket', 'podman.service'];
  if (on.root) return [command('systemctl', ...units)];
  // The system's own server, which a plain user may have been given access to.
  if (/^unix:\/\/(\/var)?\/run\/podman\//.test(url ?? '')) return [command('sudo', '-n', 'systemctl', ...units)];
  return [command('systemctl', '--user', ...units)];
}

function command(file: string, ...args: string[]): Command {
  return { file, args, env: {} };
}

function readVersions(stdout: string): { client: string; server?: string } | undefined {
  try {
    const parsed = JSON.parse(stdout) as { Client?: { Version?: unknown }; Server?: { Version?: unknown } | null };
    const client = parsed.Client?.Version;
    const server = parsed.Server?.Version;
    if (typeof client !== 'string') return undefined;
    return { client, ...(typeof server === 'string' ? { server } : {}) };
  } catch {
    return undefined;
  }
}
