import type { ImageSpec } from '../plan/image-spec.js';
import { readIdAndSize, sharedBuildArguments, tagArguments } from './arguments.js';
import type { Command, CommandResult, Engine, EngineRequest } from './engine.js';

/**
 * Asks podman for its versions. The answer has a `Server` part exactly when a server does the work (`--url`,
 * `CONTAINER_HOST`, the default connection of a podman machine), seen on 4.3.1 and 5.8.6.
 */
export function podmanProbe(request: EngineRequest): Command {
  return podman(request, ['version', '--format', 'json']);
}

/** The engine that the probe found, or a sentence on why there is none. */
export function podmanFromProbe(request: EngineRequest, result: CommandResult, why: string): Engine | string {
  const versions = readVersions(result.stdout);
  if (result.code !== 0 || versions === undefined) return 'its answer was not understood';
  const served = versions.server !== undefined;
  const facts: Engine['facts'] = {
    name: 'podman',
    dialect: served ? 'podman-remote' : 'podman',
    served,
    version: versions.server ?? versions.client,
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
    ping: () => podmanProbe(request),
    inspect: (id) => podman(request, ['image', 'inspect', '--format', '{{.Id}} {{.Size}}', id]),
    readInspect: readIdAndSize,
    storage: () =>
      storageIsHere(request, served) ? podman(request, ['info', '--format', '{{.Store.GraphRoot}}']) : undefined,
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

/** A unix socket, or no server at all, keeps its images on this machine; ssh, tcp and a machine's VM do not. */
function storageIsHere(request: EngineRequest, served: boolean): boolean {
  return request.engineUrl === undefined ? !served : request.engineUrl.startsWith('unix://');
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
