import type { EngineFacts } from '../journal/events.js';
import { addressVariable, type FindCluster } from './cluster.js';
import { nodeCluster } from './node-cluster.js';
import type { NodeMarks } from './node-list.js';
import { findNodes, providersOf } from './node-search.js';

/** https://github.com/k3d-io/k3d/blob/v5.8.3/pkg/types/types.go */
const MARKS: NodeMarks = {
  tool: 'k3d',
  clusterLabel: 'k3d.cluster',
  roleLabel: 'k3d.role',
  holdsImages: (role) => role === 'server' || role === 'agent',
};

/** A k3d cluster. k3d loads into all nodes alike; in direct mode it streams to each, without a container of its own. */
export function k3dCluster(cluster: string, engine: EngineFacts): FindCluster {
  return async (tools) => {
    const found = await findNodes(cluster, MARKS, { providers: providersOf(engine) }, tools);
    if ('failed' in found) return found;
    // k3d speaks docker's API, which podman's server has too.
    const env = addressVariable('docker', found.provider.address);
    return nodeCluster(found, (archive) => ({
      file: 'k3d',
      args: ['image', 'import', archive, '--cluster', cluster, '--mode', 'direct'],
      env,
    }));
  };
}
