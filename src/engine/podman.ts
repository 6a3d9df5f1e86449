import type { ImageSpec } from '../plan/image-spec.js';
import { type ApiAddress, eventsRequest, imageRequest, pingRequest, readImage, readServer } from './api.js';
import { bareId, readIdAndSize, sharedBuildArguments, tagArguments } from './arguments.js';
import { CACHE_TTL_SINCE, isAtLeast, withoutAges } from './cache-ttl.js';
import type { Answer, Command, Engine, EngineRequest, Platform, Question, Reuse } from './engine.js';
import { fullName } from './full-name.js';
import { isList, type ListBuild, listName, readList } from './manifest-list.js';
import { podmanLeftovers } from './podman-leftovers.js';
import { podmanServer } from './podman-server.js';
import { type Push, readDigestFile } from './push.js';
import { removal } from './removal.js';
import { isElsewhere } from './server.js';

const INSPECT = '{{.Id}} {{.Size}}';

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
  const version = versions.server ?? versions.client;
  return podmanEngine(request, served, version, undefined, why, [version, versions.client]);
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
  versions: string[] = [version],
): Engine {
  // Client and server both have to know it.
  const knowsAges = versions.every((known) => isAtLeast(known, CACHE_TTL_SINCE.podman));
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
    build: (image, iidfile, reuse) =>
      podman(request, [
        'build',
        ...(image.pull ? ['--pull=always'] : []),
        ...namesAndShared(image, iidfile, knowsAges ? reuse : withoutAges(reuse)),
        ...image.extraArgs,
        image.context,
      ]),
    list: (image, iidfile) =>
      listBuild(
        image,
        iidfile,
        (args) => podman(request, args),
        (name) =>
          api === undefined
            ? podman(request, ['image', 'inspect', '--format', INSPECT, name])
            : imageRequest(api, name),
      ),
    push: (image, tag) => podmanPush(image, tag, (args) => podman(request, args)),
    ping: () => (api === undefined ? podmanProbe(request) : pingRequest(api)),
    events: () =>
      api !== undefined ? eventsRequest(api) : served ? podman(request, ['events', '--format', 'json']) : undefined,
    restart: (on) => (served ? restartPodman(on, request.engineUrl) : []),
    inspect: (id) =>
      api === undefined ? podman(request, ['image', 'inspect', '--format', INSPECT, id]) : imageRequest(api, id),
    readInspect: api === undefined ? readIdAndSize : readImage,
    saveUntagged: (id, path) =>
      podman(request, ['save', '--quiet', '--format', 'docker-archive', '--output', path, bareId(id)]),
    tag: (id, tag) => podman(request, ['tag', bareId(id), tag]),
    findBase: (reference) => ({ command: podman(request, ['pull', '--quiet', reference]) }),
    load: (path) => podman(request, ['load', '--quiet', '--input', path]),
    fullTag: (tag) => fullName(tag, 'localhost'),
    fullName: (tag) => fullName(tag, 'localhost'),
    namesByArchive: (names) => [names],
    // By its id, as somebody else on the same engine can move a tag; what follows are the names that it gets in the archive.
    save: (id, names, file) => podman(request, ['save', '--format', 'docker-archive', '--output', file, id, ...names]),
    storage: () => podman(request, ['info', '--format', '{{.Host.Hostname}}\t{{.Store.GraphRoot}}']),
    leftovers: () => podmanLeftovers((args) => podman(request, args)),
    imageTimes: () => podman(request, ['images', '--all', '--format', 'json']),
    removal: () => removal((args) => podman(request, args)),
    server: served ? podmanServer(request.engineUrl, api, (args) => podman(request, args)) : undefined,
    unsupported: () => [],
  };
}

/**
 * Several platforms make a list, which podman and buildah name by `--manifest` (podman-build(1)); with `--tag` the last
 * platform's image would take the name. Buildah then writes no `--iidfile`, and podman the id of the list or of any of its
 * images (seen: buildah 1.28 and 1.43, podman 4.3 and 5.8).
 */
export function namesAndShared(image: ImageSpec, iidfile: string, reuse: Reuse): string[] {
  const platforms = image.platforms.length === 0 ? [] : ['--platform', image.platforms.join(',')];
  if (!isList(image))
    return [...platforms, ...tagArguments(image.tags), ...sharedBuildArguments(image, iidfile, reuse)];
  return [...platforms, '--manifest', listName(iidfile), ...sharedBuildArguments(image, undefined, reuse)];
}

/** What becomes of the list that `namesAndShared` asks for; removing its first name leaves it under its tags. */
export function listBuild(
  image: ImageSpec,
  iidfile: string,
  run: (args: string[]) => Command,
  inspect: (name: string) => Question,
): ListBuild | undefined {
  if (!isList(image)) return undefined;
  const name = listName(iidfile);
  return {
    forget: run(['manifest', 'rm', name]),
    show: run(['manifest', 'inspect', name]),
    tag: run(['tag', name, ...image.tags]),
    inspect: inspect(name),
  };
}

/** `manifest push` pushes a list with its images, and `push` would push the image for this platform alone. */
export function pushCommand(image: ImageSpec, tag: string, digestfile: string): string[] {
  if (!isList(image)) return ['push', '--digestfile', digestfile, tag];
  return ['manifest', 'push', '--all', '--digestfile', digestfile, tag, `docker://${tag}`];
}

/** A list is made of what the registry has, as that says its digest, and touches no image (podman-manifest-create(1)). */
function podmanPush(image: ImageSpec, tag: string, run: (args: string[]) => Command): Push {
  return {
    command: (digestfile) => run(pushCommand(image, tag, digestfile)),
    readDigest: readDigestFile,
    ...(isList(image)
      ? {}
      : {
          ask: (digestfile) => {
            const name = `${listName(digestfile)}`;
            return {
              begin: run(['manifest', 'create', name, `docker://${tag}`]),
              show: run(['manifest', 'inspect', name]),
              end: run(['manifest', 'rm', name]),
              read: (stdout) => readList(stdout)?.first,
            };
          },
        }),
  };
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
  if (isElsewhere(url)) return [];
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
