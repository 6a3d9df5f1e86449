import type { Command } from './engine.js';
import { type LeftoverCommands, readGoTime, readRows, stored } from './leftovers.js';

/**
 * What interrupted builds of the legacy builder leave in docker's storage: the container that a step ran in, and the
 * images of the steps before. Without `--force` a container that runs is refused.
 */
export function dockerLeftovers(docker: (args: string[]) => Command): LeftoverCommands {
  return {
    containers: () => docker(['ps', '--all', '--no-trunc', '--format', '{{.ID}}\t{{.Image}}\t{{.CreatedAt}}']),
    readContainers: (stdout) =>
      readRows(stdout, 3).map(([id = '', base = '', born = '']) => stored(id, base, readGoTime(born))),
    removeContainers: (ids) => docker(['rm', ...ids]),
    layers: {
      list: () => docker(['images', '--no-trunc', '--filter', 'dangling=true', '--format', '{{.ID}}\t{{.CreatedAt}}']),
      read: (stdout) => readRows(stdout, 2).map(([id = '', born = '']) => stored(id, '', readGoTime(born))),
      remove: (ids) => docker(['image', 'rm', '--no-prune', ...ids]),
    },
  };
}
