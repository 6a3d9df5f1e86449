import { bareId, withAlgorithm } from './arguments.js';
import { buildahLeftovers } from './buildah-leftovers.js';
import { CACHE_TTL_SINCE, isAtLeast, withoutAges } from './cache-ttl.js';
import type { Answer, Command, Engine } from './engine.js';
import { fullName } from './full-name.js';
import { listBuild, namesAndShared, pushCommand } from './podman.js';
import { readDigestFile } from './push.js';
import { buildahRemoval } from './removal.js';

/** Asks buildah for its version; there is no server, so the client answers for the engine. */
export const BUILDAH_PROBE: Command = { file: 'buildah', args: ['--version'], env: {} };

/** The engine that the probe found, or a sentence on why there is none. */
export function buildahFromProbe(result: Answer, why: string): Engine | string {
  const version = /^buildah version (\S+)/.exec(result.stdout)?.[1];
  if (result.code !== 0 || version === undefined) return 'its answer was not understood';
  const knowsAges = isAtLeast(version, CACHE_TTL_SINCE.buildah);
  return {
    facts: { name: 'buildah', dialect: 'buildah', served: false, version, why },
    build: (image, iidfile, reuse) => ({
      file: 'buildah',
      // Unlike podman, buildah keeps no layers unless told to (buildah-build(1)); a retry would start from nothing.
      args: [
        'build',
        '--layers',
        ...(image.pull ? ['--pull-always'] : []),
        ...namesAndShared(image, iidfile, knowsAges ? reuse : withoutAges(reuse)),
        ...image.extraArgs,
        image.context,
      ],
      env: {},
    }),
    list: (image, iidfile) => listBuild(image, iidfile, buildah, inspect),
    push: (image, tag) => ({
      command: (digestfile) => buildah(pushCommand(image, tag, digestfile)),
      readDigest: readDigestFile,
    }),
    ping: () => BUILDAH_PROBE,
    events: () => undefined,
    restart: () => [],
    inspect,
    // Its own words for save and load; a docker-archive of one image is loaded with all its tags.
    saveUntagged: (id, path) => ({
      file: 'buildah',
      args: ['push', '--quiet', bareId(id), `docker-archive:${path}`],
      env: {},
    }),
    tag: (id, tag) => buildah(['tag', bareId(id), tag]),
    findBase: (reference) => ({ command: buildah(['pull', '--quiet', reference]) }),
    load: (path) => ({ file: 'buildah', args: ['pull', '--quiet', `docker-archive:${path}`], env: {} }),
    fullTag: (tag) => fullName(tag, 'localhost'),
    readInspect: (stdout) => {
      const id = stdout.trim();
      return /^(sha256:)?[0-9a-f]{64}$/.test(id) ? { id: withAlgorithm(id) } : undefined;
    },
    fullName: (tag) => fullName(tag, 'localhost'),
    // An archive that is there cannot be added to (containers-transports(5)).
    namesByArchive: (names) => names.map((name) => [name]),
    save: (id, names, file) => ({
      file: 'buildah',
      args: ['push', id, ...names.map((name) => `docker-archive:${file}:${name}`)],
      env: {},
    }),
    storage: () => ({
      file: 'buildah',
      args: ['info', '--format', '{{.host.hostname}}\t{{.store.GraphRoot}}'],
      env: {},
    }),
    leftovers: () => buildahLeftovers,
    imageTimes: () => buildah(['images', '--all', '--json']),
    removal: () => buildahRemoval,
    server: undefined,
    unsupported: () => [],
  };
}

function inspect(id: string): Command {
  return buildah(['inspect', '--type', 'image', '--format', '{{.FromImageID}}', id]);
}

function buildah(args: string[]): Command {
  return { file: 'buildah', args, env: {} };
}
