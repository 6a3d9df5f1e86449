import type { Command } from './engine.js';
import { readRows } from './leftovers.js';
import { field, readJson } from './server.js';

/** An image that an engine has; steps of builds have no name. */
export interface ListedImage {
  id: string;
  named: boolean;
}

/** How built images are removed from an engine's storage: only by their names, so that nobody else's is hit. */
export interface RemovalCommands {
  /** Lists all images, those of steps too. */
  list(): Command;
  readList(stdout: string): ListedImage[];
  /** Takes these names away, and an image with its last one; refuses one that a container uses. */
  remove(tags: string[]): Command;
  /**
   * Whether an image takes along what is below it and has no name, whoever made that. Two that go at the same time then
   * leave some of it, as each takes it for the other's (seen with buildah 1.28).
   */
  takesSteps: boolean;
}

/** podman and docker leave what is below an image when told to (podman-rmi(1), docker-image-rm(1)). */
export function removal(client: (args: string[]) => Command): RemovalCommands {
  return {
    list: () => client(['images', '--all', '--no-trunc', '--format', '{{.ID}}\t{{.Repository}}']),
    readList: readImages,
    remove: (tags) => client(['image', 'rm', '--no-prune', ...tags]),
    takesSteps: false,
  };
}

/** buildah takes along every layer below that has no name and nothing else built on it, somebody else's too (seen with 1.28). */
export const buildahRemoval: RemovalCommands = {
  // Its own --format pads columns by spaces.
  list: () => buildah(['images', '--all', '--no-trunc', '--json']),
  readList: readJsonImages,
  remove: (tags) => buildah(['rmi', ...tags]),
  takesSteps: true,
};

function readImages(stdout: string): ListedImage[] {
  return readRows(stdout, 2).map(([id = '', name = '']) => ({
    id: bare(id.trim()),
    named: name.trim() !== '<none>',
  }));
}

/** An empty list is printed as `null`. */
function readJsonImages(stdout: string): ListedImage[] {
  const list = readJson(stdout);
  if (!Array.isArray(list)) return [];
  return list.flatMap((one: unknown) => {
    const [id, names] = [field(one, 'id'), field(one, 'names')];
    return typeof id === 'string' ? [{ id: bare(id), named: Array.isArray(names) && names.length > 0 }] : [];
  });
}

function bare(id: string): string {
  return id.replace(/^sha256:/, '');
}

function buildah(args: string[]): Command {
  return { file: 'buildah', args, env: {} };
}
