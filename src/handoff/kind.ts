import type { EngineFacts } from '../journal/events.js';
import { addressVariable, type FindCluster } from './cluster.js';
import { nodeCluster } from './node-cluster.js';
import type { NodeMarks } from './node-list.js';
import { findNodes, providersOf } from './node-search.js';

/** https://github.com/kubernetes-sigs/kind/blob/v0.33.0/pkg/cluster/constants/constants.go and internal/providers */
const MARKS: NodeMarks = {
  tool: 'kind',
  clusterLabel: 'io.x-k8s.kind.cluster',
  roleLabel: 'io.x-k8s.kind.role',
  holdsImages: (role) => role !== 'external-load-balancer',
};

const PROVIDER = 'KIND_EXPERIMENTAL_PROVIDER';

/**
 * A kind cluster. kind drives `podman` or `docker`, as its environment says, and otherwise the first that it finds: it is
 * told which of them has the nodes, and at which address.
 */
export function kindCluster(
  cluster: string,
  engine: EngineFacts,
  environment: Record<string, string | undefined>,
): FindCluster {
  const asked = environment[PROVIDER];
  const wanted = asked ? { name: asked, by: PROVIDER } : undefined;
  return async (tools) => {
    const found = await findNodes(cluster, MARKS, { providers: providersOf(engine), wanted }, tools);
    if ('failed' in found) return found;
    const { name, address } = found.provider;
    const env = { [PROVIDER]: name, ...addressVariable(name, address) };
    return nodeCluster(found, (archive, nodes) => ({
      file: 'kind',
      args: ['load', 'image-archive', archive, '--name', cluster, '--nodes', nodes.join(',')],
      env,
    }));
  };
}
