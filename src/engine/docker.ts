import type { ImageSpec } from '../plan/image-spec.js';
import { type ApiAddress, eventsRequest, imageRequest, pingRequest, readImage, readServer } from './api.js';
import { readIdAndSize, sharedBuildArguments, tagArguments, withTag } from './arguments.js';
import { withoutAges } from './cache-ttl.js';
import { dockerLeftovers } from './docker-leftovers.js';
import { dockerServer } from './docker-server.js';
import type { Answer, Command, Engine, EngineRequest, Platform, Reuse, Unsupported } from './engine.js';
import { fullName } from './full-name.js';
import { isList } from './manifest-list.js';
import { readPushedLine } from './push.js';
import { removal } from './removal.js';
import { isElsewhere } from './server.js';

/** Asks the docker server for its version; fails when the server does not answer. */
export function dockerProbe(request: EngineRequest): Command {
  return docker(request, ['version', '--format', '{{.Server.Version}}']);
}

/** Asks the client alone. */
export const DOCKER_CLIENT_PROBE: Command = { file: 'docker', args: ['--version'], env: {} };

/** Asks the client alone whether the buildx plugin is there. */
export const BUILDX_PROBE: Command = { file: 'docker', args: ['buildx', 'version'], env: {} };

/**
 * The engine that the probe found, or a sentence on why there is none. Without buildx, or when the user says
 * `DOCKER_BUILDKIT=0`, the legacy builder does the work.
 */
export function dockerFromProbe(request: EngineRequest, result: Answer, buildx: boolean, why: string): Engine | string {
  const version = result.stdout.trim();
  if (result.code !== 0 || version === '') return 'its answer was not understood';
  return dockerEngine(request, version, undefined, buildx, why);
}

/** The engine behind an API that answered a ping, or a sentence on why it cannot be taken. */
export function dockerFromApi(
  request: EngineRequest,
  api: ApiAddress,
  ping: Answer,
  buildx: boolean,
  why: string,
): Engine | string {
  const server = readServer(ping.server);
  if (server?.name !== 'docker') return `${server?.name ?? 'something else'} answers there, not docker`;
  return dockerEngine(request, server.version, api, buildx, why);
}

/** BuildKit keeps what it builds on to itself: https://docs.docker.com/reference/cli/docker/buildx/imagetools/inspect/ */
const INSPECT_REMOTE = ['buildx', 'imagetools', 'inspect', '--format', '{{.Manifest.Digest}}'];

function readDigestLine(stdout: string): string | undefined {
  return /^sha256:[0-9a-f]{64}$/m.exec(stdout)?.[0];
}

function dockerEngine(
  request: EngineRequest,
  version: string,
  api: ApiAddress | undefined,
  buildx: boolean,
  why: string,
): Engine | string {
  if (request.builder !== undefined && !buildx) return 'builder is set, and the buildx plugin is not installed';
  return {
    facts: {
      name: 'docker',
      dialect: buildx ? 'buildkit' : 'docker-legacy',
      served: true,
      version,
      ...(request.engineUrl === undefined ? {} : { address: request.engineUrl }),
      why,
    },
    build: buildx
      ? (image, iidfile, reuse) => buildxBuild(request, image, iidfile, reuse, '--load')
      : (image, iidfile, reuse) => legacyBuild(request, image, iidfile, reuse),
    // Loaded, a list is an image to docker; without the store for that, `docker-platforms.ts` says what can be done.
    list: () => undefined,
    push: (_image, tag) => ({
      // Not of buildx, whatever builds.
      dialect: 'docker-legacy',
      command: () => docker(request, ['push', tag]),
      readDigest: readPushedLine,
    }),
    ping: () => (api === undefined ? dockerProbe(request) : pingRequest(api)),
    events: () => (api === undefined ? docker(request, ['events', '--format', '{{json .}}']) : eventsRequest(api)),
    restart: (on) => (isElsewhere(request.engineUrl) ? [] : restartDocker(on)),
    inspect: (id) =>
      api === undefined
        ? docker(request, ['image', 'inspect', '--format', '{{.Id}} {{.Size}}', id])
        : imageRequest(api, id),
    readInspect: api === undefined ? readIdAndSize : readImage,
    saveUntagged: (id, path) => docker(request, ['save', '--output', path, id]),
    tag: (id, tag) => docker(request, ['tag', id, tag]),
    findBase: (reference) =>
      buildx
        ? { command: docker(request, [...INSPECT_REMOTE, reference]), readDigest: readDigestLine }
        : { command: docker(request, ['pull', '--quiet', reference]) },
    load: (path) => docker(request, ['load', '--quiet', '--input', path]),
    fullTag: withTag,
    fullName: (tag) => fullName(tag, 'docker.io'),
    namesByArchive: (names) => [names],
    // An archive of an id has no names in it; what a name stands for is seen when the archive has been loaded.
    save: (_id, names, file) => docker(request, ['save', '--output', file, ...names]),
    storage: () => docker(request, ['info', '--format', '{{.Name}}\t{{.DockerRootDir}}']),
    // BuildKit keeps what it made in a cache of its own, and limits that by itself.
    leftovers: () => (buildx ? undefined : dockerLeftovers((args) => docker(request, args))),
    removal: () => removal((args) => docker(request, args)),
    server: dockerServer(request.engineUrl, api, (args) => docker(request, args)),
    unsupported: buildx ? () => [] : unsupportedByLegacy,
  };
}

/** `--load` puts the image where the E2E suite looks for it, whatever driver the builder has; `--push` into its registry alone. */
export function buildxBuild(
  request: EngineRequest,
  image: ImageSpec,
  iidfile: string,
  reuse: Reuse,
  output: '--load' | '--push',
): Command {
  return docker(request, [
    'buildx',
    'build',
    ...(request.builder === undefined ? [] : ['--builder', request.builder]),
    '--progress',
    'plain',
    output,
    ...buildArguments(image, iidfile, reuse),
  ]);
}

function legacyBuild(request: EngineRequest, image: ImageSpec, iidfile: string, reuse: Reuse): Command {
  return docker(request, ['build', ...buildArguments(image, iidfile, reuse)], { DOCKER_BUILDKIT: '0' });
}

/**
 * Neither builder can be told how old a layer may be: without `--no-cache` a step that this run has not done yet is taken
 * from any earlier run. https://docs.docker.com/reference/cli/docker/buildx/build/
 */
function buildArguments(image: ImageSpec, iidfile: string, reuse: Reuse): string[] {
  return [
    ...(image.pull ? ['--pull'] : []),
    ...(image.platforms.length === 0 ? [] : ['--platform', image.platforms.join(',')]),
    ...tagArguments(image.tags),
    ...sharedBuildArguments(image, iidfile, withoutAges(reuse)),
    ...image.extraArgs,
    image.context,
  ];
}

/** docker.service restarts by itself, but at most three times a minute; passwordless sudo is there on CI runners. */
function restartDocker(on: Platform): Command[] {
  if (on.os !== 'linux') return [];
  const restart = ['systemctl', 'restart', 'docker'];
  const [file, ...args] = on.root ? restart : ['sudo', '-n', ...restart];
  return [{ file: file as string, args, env: {} }];
}

function unsupportedByLegacy(image: ImageSpec): Unsupported[] {
  const keys = [
    ...(Object.keys(image.buildContexts).length > 0 ? ['build-contexts'] : []),
    ...(Object.keys(image.secrets).length > 0 ? ['secrets'] : []),
    ...(image.cacheTo.length > 0 ? ['cache-to'] : []),
    ...(isList(image) ? ['platforms (more than one)'] : []),
  ];
  return keys.map((key) => ({ key, hint: 'install docker buildx, or use podman or buildah' }));
}

/** The docker client, for the server that the user named. */
export function docker(request: EngineRequest, args: string[], env: Record<string, string> = {}): Command {
  return { file: 'docker', args: request.engineUrl === undefined ? args : ['--host', request.engineUrl, ...args], env };
}
