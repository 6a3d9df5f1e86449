import type { Engine } from '../engine/engine.js';
import type { LoadTarget } from '../inputs/inputs.js';
import { type Cluster, type FindCluster, isDone, runForCluster, type WantedImage } from './cluster.js';
import type { HandOff, HandOffFailed, HandOffTools, Ran } from './hand-off.js';
import { k3dCluster } from './k3d.js';
import { kindCluster } from './kind.js';
import { minikubeCluster } from './minikube.js';

/**
 * Loads images into a cluster: only into the nodes that lack them, from archives that all clusters and tries of an image
 * share. Then the nodes are asked, as a tool that ends with exit code 0 may have loaded nothing.
 */
export function clusterLoad(
  target: LoadTarget,
  engine: Engine,
  environment: Record<string, string | undefined>,
): HandOff {
  const find = finder(target, engine, environment);
  return {
    to: `${target.tool}:${target.cluster}`,
    saves: {},
    async attempt(image, built, tools) {
      const cluster = await find(tools);
      if ('failed' in cluster) return cluster;
      const wanted = { id: built.id, names: [...new Set(image.tags.map(engine.fullName))] };
      const before = await cluster.lacking(wanted, tools);
      if ('failed' in before) return before;
      if (before.length === 0) return { said: `already there, on ${count(cluster.nodes)}` };

      const loaded = await loadInto(cluster, before, wanted, engine, tools);
      if ('failed' in loaded) return loaded;
      const after = await cluster.lacking(wanted, tools);
      if ('failed' in after) return after;
      if (after.length > 0) return { failed: loaded.ran, dialect: 'cluster', said: whatIsMissing(wanted, after) };
      return { said: whatWasDone(before, cluster.nodes) };
    },
  };
}

function finder(
  { tool, cluster }: LoadTarget,
  { facts }: Engine,
  environment: Record<string, string | undefined>,
): FindCluster {
  switch (tool) {
    case 'kind':
      return kindCluster(cluster, facts, environment);
    case 'k3d':
      return k3dCluster(cluster, facts);
    case 'minikube':
      return minikubeCluster(cluster, facts);
  }
}

/** Resolves with the last load, or with what failed. */
async function loadInto(
  cluster: Cluster,
  nodes: string[],
  { id, names }: WantedImage,
  engine: Engine,
  tools: HandOffTools,
): Promise<{ ran: Ran } | HandOffFailed> {
  let last: { ran: Ran } | HandOffFailed = { failed: 'the image has no name to be loaded under' };
  for (const [at, together] of engine.namesByArchive(names).entries()) {
    const archive = await tools.keptFile(`image-${at + 1}.tar`, async (path) => {
      const saved = await tools.run(engine.save(id, together, path));
      if (isDone(saved)) return undefined;
      // No registry takes part, so that a connection which ends early can only be the server's.
      return engine.facts.served ? { failed: saved, dialect: 'cluster' } : { failed: saved };
    });
    if ('failed' in archive) return archive;
    last = await runForCluster(tools, cluster.load(archive.path, nodes));
    if ('failed' in last) return last;
  }
  return last;
}

function whatWasDone(loaded: string[], nodes: string[]): string {
  const had = nodes.length - loaded.length;
  return had === 0 ? `loaded into ${count(nodes)}` : `loaded into ${loaded.length} of ${count(nodes)}; ${had} had it`;
}

function whatIsMissing({ id, names }: WantedImage, nodes: string[]): string {
  return `the load was said to be done, and ${nodes.join(', ')} ${nodes.length === 1 ? 'has' : 'have'} not ${names.join(', ')} as ${id}`;
}

function count(nodes: string[]): string {
  return nodes.length === 1 ? '1 node' : `${nodes.length} nodes`;
}
