import { type LeftoverCommands, stored } from './leftovers.js';

/**
 * What interrupted builds leave in buildah's storage. It does not tell when a container was made, and `buildah rmi` takes
 * along every layer below that has no name, somebody else's too (seen with 1.28): layers stay.
 */
export const buildahLeftovers: LeftoverCommands = {
  containers: () => ({ file: 'buildah', args: ['containers', '--json'], env: {} }),
  readContainers: (stdout) =>
    readList(stdout).flatMap(({ id, imageid, builder }) =>
      typeof id === 'string' && builder === true
        ? [stored(id, typeof imageid === 'string' ? imageid : '', undefined)]
        : [],
    ),
  removeContainers: (ids) => ({ file: 'buildah', args: ['rm', ...ids], env: {} }),
};

/** An empty list is printed as `null`. */
function readList(stdout: string): Record<string, unknown>[] {
  try {
    const list: unknown = JSON.parse(stdout);
    return Array.isArray(list) ? list.filter((entry) => typeof entry === 'object' && entry !== null) : [];
  } catch {
    return [];
  }
}
