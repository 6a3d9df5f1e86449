import type { Cluster } from './cluster.js';
import { nodeHas } from './node-images.js';
import type { FoundNodes } from './node-search.js';

/** A cluster whose nodes are containers, each with a containerd that can be asked through the engine that runs them. */
export function nodeCluster({ provider, nodes }: FoundNodes, load: Cluster['load']): Cluster {
  return {
    nodes,
    load,
    async lacking(image, tools) {
      const answers = await Promise.all(nodes.map((node) => nodeHas(image, node, provider, tools)));
      const failed = answers.find((answer) => typeof answer !== 'boolean');
      return failed ?? nodes.filter((_, at) => answers[at] === false);
    },
  };
}
