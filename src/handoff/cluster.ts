import type { Command } from '../engine/engine.js';
import type { HandOffFailed, HandOffTools, Ran } from './hand-off.js';

/** An image as a cluster is to have it. */
export interface WantedImage {
  id: string;
  /** Full names, each of which is to stand for this id. */
  names: string[];
}

/** A cluster that was found. */
export interface Cluster {
  /** All that images are loaded into. */
  nodes: string[];
  /** The nodes that lack the image, under one of its names at least. */
  lacking(image: WantedImage, tools: HandOffTools): Promise<string[] | HandOffFailed>;
  /** Loads an archive into these nodes, of which there is at least one. */
  load(archive: string, nodes: string[]): Command;
}

export type FindCluster = (tools: HandOffTools) => Promise<Cluster | HandOffFailed>;

/** Runs a command of a cluster's tool, or of the client that reaches into a node; anything but exit 0 is a failure. */
export async function runForCluster(tools: HandOffTools, command: Command): Promise<{ ran: Ran } | HandOffFailed> {
  const ran = await tools.run(command);
  if (isDone(ran)) return { ran };
  if (ran.ending.kind !== 'not-spawned') return { failed: ran, dialect: 'cluster' };
  return { failed: `${command.file} cannot be started: ${ran.ending.reason}; install it in an earlier step` };
}

/** Whether the command says that it did what it was to do. */
export function isDone({ ending }: Ran): boolean {
  return ending.kind === 'exited' && ending.code === 0;
}

/** What an engine's address is called where a tool takes it from its environment. */
export function addressVariable(engine: 'podman' | 'docker', address: string | undefined): Record<string, string> {
  if (address === undefined) return {};
  return { [engine === 'docker' ? 'DOCKER_HOST' : 'CONTAINER_HOST']: address };
}
