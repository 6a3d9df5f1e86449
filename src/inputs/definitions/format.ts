import { basename } from 'node:path';
import { isMap, type ReadDocument } from '../document.js';

export type Format = 'own' | 'compose' | 'bake' | 'bake-hcl';

// https://docs.docker.com/reference/cli/docker/compose/#use--f-to-specify-the-name-and-path-of-one-or-more-compose-files
const COMPOSE_NAME = /^(?:docker-|podman-|container-)?compose(?:[.-].*)?\.ya?ml$/i;
// https://docs.docker.com/build/bake/reference/#file-format
const BAKE_NAME = /^docker-bake(?:\..*)?\.json$/i;

/** Tells what a definition file is: by its name, else by the keys that it has at the top. */
export function formatOf(path: string, document: () => ReadDocument): Format {
  const name = basename(path);
  if (isHcl(path)) return 'bake-hcl';
  if (BAKE_NAME.test(name)) return 'bake';
  if (COMPOSE_NAME.test(name)) return 'compose';
  const { value } = document();
  if (!isMap(value)) return 'own';
  // An image may have one of these names: then what stands under it is an image, or a path.
  if (isMap(value.get('services'))) return 'compose';
  return /\.json$/i.test(name) && ['target', 'group'].some((key) => isBlock(value.get(key))) ? 'bake' : 'own';
}

/** Whether the file is neither YAML nor JSON. */
export function isHcl(path: string): boolean {
  return /\.hcl$/i.test(path);
}

/** Bake's blocks are maps of maps; an image's settings are none. */
function isBlock(value: unknown): boolean {
  return isMap(value) && value.size > 0 && [...value.values()].every(isMap);
}
