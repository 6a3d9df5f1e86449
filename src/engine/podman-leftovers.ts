import type { Command } from './engine.js';
import { type LeftoverCommands, readGoTime, readRows, stored } from './leftovers.js';

/**
 * What a build calls a layer for as long as it goes on (https://github.com/containers/buildah/blob/v1.28.2/imagebuildah/stage_executor.go).
 * One that was only half written when the server died has no name at all.
 */
const MIDWAY = /^$|(?:^|\/)[0-9a-f]{64}-tmp(?::latest)?$/;

/**
 * What interrupted builds leave in podman's storage. Working containers are shown by `--external` (podman-ps(1)), in the
 * state `storage`; they are refused without `--force`, which kills nothing: no process runs in those
 */
export function podmanLeftovers(podman: (args: string[]) => Command): LeftoverCommands {
  const containers = '{{.ID}}\t{{.ImageID}}\t{{.Created}}\t{{.State}}\t{{.Image}}';
  const layers = '{{.ID}}\t{{.CreatedAt}}\t{{.Repository}}';
  return {
    containers: () => podman(['ps', '--all', '--external', '--no-trunc', '--format', containers]),
    readContainers: (stdout) =>
      readRows(stdout, 4)
        .filter(([, , , state]) => state?.toLowerCase() === 'storage')
        .map(([id = '', base = '', born = '', , name = '']) => ({
          ...stored(id, base, readGoTime(born)),
          ...(MIDWAY.test(name) ? { midway: true } : {}),
        })),
    removeContainers: (ids) => podman(['rm', '--force', ...ids]),
    layers: {
      list: () => podman(['images', '--all', '--no-trunc', '--filter', 'dangling=true', '--format', layers]),
      read: (stdout) =>
        readRows(stdout, 3)
          .filter(([, , name]) => name === '<none>')
          .map(([id = '', born = '']) => stored(id, '', readGoTime(born))),
      remove: (ids) => podman(['image', 'rm', '--no-prune', ...ids]),
    },
    temporaryFolder: () => podman(['info', '--format', '{{.Store.ImageCopyTmpDir}}']),
  };
}
