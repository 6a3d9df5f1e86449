import { sharedBuildArguments, withAlgorithm } from './arguments.js';
import { buildahLeftovers } from './buildah-leftovers.js';
import type { Answer, Command, Engine } from './engine.js';
import { platformAndTags } from './podman.js';
import { buildahRemoval } from './removal.js';

/** Asks buildah for its version; there is no server, so the client answers for the engine. */
export const BUILDAH_PROBE: Command = { file: 'buildah', args: ['--version'], env: {} };

/** The engine that the probe found, or a sentence on why there is none. */
export function buildahFromProbe(result: Answer, why: string): Engine | string {
  const version = /^buildah version (\S+)/.exec(result.stdout)?.[1];
  if (result.code !== 0 || version === undefined) return 'its answer was not understood';
  return {
    facts: { name: 'buildah', dialect: 'buildah', served: false, version, why },
    build: (image, iidfile) => ({
      file: 'buildah',
      // Unlike podman, buildah keeps no layers unless told to (buildah-build(1)); a retry would start from nothing.
      args: [
        'build',
        '--layers',
        ...(image.pull ? ['--pull-always'] : []),
        ...platformAndTags(image),
        ...sharedBuildArguments(image, iidfile),
        ...image.extraArgs,
        image.context,
      ],
      env: {},
    }),
    ping: () => BUILDAH_PROBE,
    events: () => undefined,
    restart: () => [],
    inspect: (id) => ({
      file: 'buildah',
      args: ['inspect', '--type', 'image', '--format', '{{.FromImageID}}', id],
      env: {},
    }),
    readInspect: (stdout) => {
      const id = stdout.trim();
      return /^(sha256:)?[0-9a-f]{64}$/.test(id) ? { id: withAlgorithm(id) } : undefined;
    },
    storage: () => ({
      file: 'buildah',
      args: ['info', '--format', '{{.host.hostname}}\t{{.store.GraphRoot}}'],
      env: {},
    }),
    leftovers: () => buildahLeftovers,
    removal: () => buildahRemoval,
    server: undefined,
    unsupported: () => [],
  };
}
