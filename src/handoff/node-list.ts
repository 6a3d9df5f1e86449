/** How a tool marks the containers that are nodes of its clusters. */
export interface NodeMarks {
  tool: 'kind' | 'k3d';
  clusterLabel: string;
  roleLabel: string;
  /** Whether images are loaded into nodes of this role. */
  holdsImages(role: string): boolean;
}

/** A container that is a node, of whatever cluster. */
export interface Node {
  name: string;
  state: string;
  cluster: string;
  role: string;
}

/** Both clients print labels, though podman as `map[KEY:VALUE …]` and docker as `KEY=VALUE,…`. */
export const NODE_FORMAT = '{{.Names}}\t{{.State}}\t{{.Labels}}';

/** The nodes that hold images, of what `ps` printed in `NODE_FORMAT`. */
export function readNodes(stdout: string, { clusterLabel, roleLabel, holdsImages }: NodeMarks): Node[] {
  return stdout.split('\n').flatMap((line) => {
    const [name = '', state = '', labels = ''] = line.split('\t');
    const [cluster, role] = [labelValue(labels, clusterLabel), labelValue(labels, roleLabel)];
    return cluster === undefined || role === undefined || !holdsImages(role) ? [] : [{ name, state, cluster, role }];
  });
}

function labelValue(labels: string, key: string): string | undefined {
  const text = labels.replace(/^map\[/, '');
  for (const separator of [' ', ',']) {
    for (const pair of text.split(separator)) {
      if (pair.startsWith(key) && /^[:=]/.test(pair.slice(key.length))) {
        return /^[\w.-]*/.exec(pair.slice(key.length + 1))?.[0];
      }
    }
  }
  return undefined;
}
