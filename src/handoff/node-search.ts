import type { Command } from '../engine/engine.js';
import type { EngineFacts } from '../journal/events.js';
import { runForCluster } from './cluster.js';
import type { HandOffFailed, HandOffTools } from './hand-off.js';
import { NODE_FORMAT, type Node, type NodeMarks, readNodes } from './node-list.js';

/** An engine that may run a cluster's nodes, as its own client reaches it. */
export interface Provider {
  name: 'podman' | 'docker';
  /** The server's address, where the user named it. */
  address?: string;
  /** It is the engine of the run. */
  own: boolean;
}

/** The engines to ask, in this order, and the one that the user named for the tool, and by what. */
export interface WhereToLook {
  providers: Provider[];
  wanted?: { name: string; by: string } | undefined;
}

/** The nodes of a cluster, and the engine that runs them. */
export interface FoundNodes {
  provider: Provider;
  nodes: string[];
}

/** Where nodes may be, in the order in which they are looked for: the engine of the run, then the others of this machine. */
export function providersOf({ name, address }: EngineFacts): Provider[] {
  const own: Provider[] =
    name === 'buildah' ? [] : [{ name, ...(address === undefined ? {} : { address }), own: true }];
  const others = (['podman', 'docker'] as const).filter((other) => other !== name);
  return [...own, ...others.map((other) => ({ name: other, own: false }))];
}

/** A command of the provider's client. */
export function ofProvider({ name, address }: Provider, ...args: string[]): Command {
  const flag = name === 'docker' ? '--host' : '--url';
  return { file: name, args: address === undefined ? args : [flag, address, ...args], env: {} };
}

/** A node may come back some seconds after its engine does. */
const PATIENCE = 10;
const LOOK_EVERY_MS = 1_000;

/**
 * Looks for a cluster's nodes, in the engine that the user named for the tool, if one was. Where there are none, or not
 * there, the failure says what was seen where.
 */
export async function findNodes(
  cluster: string,
  marks: NodeMarks,
  from: WhereToLook,
  tools: HandOffTools,
): Promise<FoundNodes | HandOffFailed> {
  let found = await look(cluster, marks, from, tools);
  for (let looks = 1; looks <= PATIENCE && 'down' in found; looks += 1) {
    await tools.wait(LOOK_EVERY_MS);
    found = await look(cluster, marks, from, tools);
  }
  return 'down' in found ? { failed: found.down } : found;
}

async function look(
  cluster: string,
  marks: NodeMarks,
  { providers, wanted }: WhereToLook,
  tools: HandOffTools,
): Promise<FoundNodes | HandOffFailed | { down: string }> {
  const seen: string[] = [];
  for (const provider of providers) {
    const answer = await runForCluster(tools, listNodes(provider, marks));
    if ('failed' in answer) {
      // The engine of the run is known to be there: that it does not answer is its failure, not the cluster's.
      if (provider.own && typeof answer.failed !== 'string') return answer;
      seen.push(`${provider.name} does not answer`);
      continue;
    }
    const all = readNodes(answer.ran.stdout, marks);
    const own = all.filter((node) => node.cluster === cluster);
    if (own.length > 0 && (wanted === undefined || wanted.name === provider.name))
      return usable(own, provider, cluster);
    seen.push(`${provider.name} has ${own.length > 0 ? `its nodes (${names(own)})` : clustersOf(all)}`);
  }
  const hint = `expected containers with the label ${marks.clusterLabel}=${cluster}`;
  const where = wanted === undefined ? '' : ` in ${wanted.name}, which ${wanted.by} names`;
  return { failed: `no node of the ${marks.tool} cluster "${cluster}" was found${where}: ${seen.join('; ')}; ${hint}` };
}

function listNodes(provider: Provider, { clusterLabel }: NodeMarks): Command {
  return ofProvider(provider, 'ps', '--all', '--filter', `label=${clusterLabel}`, '--format', NODE_FORMAT);
}

/** A node that does not run cannot be loaded into. */
function usable(nodes: Node[], provider: Provider, cluster: string): FoundNodes | { down: string } {
  const down = nodes.filter(({ state }) => !/^(?:running|up\b)/i.test(state));
  if (down.length === 0) return { provider, nodes: nodes.map(({ name }) => name) };
  const states = down.map(({ name, state }) => `${name} is "${state}"`).join(', ');
  return {
    down: `not all nodes of the cluster "${cluster}" are running: ${states}; start them with ${provider.name} start`,
  };
}

function clustersOf(nodes: Node[]): string {
  const clusters = [...new Set(nodes.map(({ cluster }) => cluster))];
  return clusters.length === 0 ? 'no cluster' : `only ${clusters.map((name) => `"${name}"`).join(', ')}`;
}

function names(nodes: Node[]): string {
  return nodes.map(({ name }) => name).join(', ');
}
