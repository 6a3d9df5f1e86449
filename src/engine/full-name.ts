/** What engines put before a name without a registry: podman and buildah `localhost`, docker that of the Docker Hub. */
export type LocalRegistry = 'localhost' | 'docker.io';

/**
 * The name under which an image is found wherever short names are not known, such as in a node's containerd:
 * `api` → `localhost/api:latest`, or `docker.io/library/api:latest`
 * (https://github.com/distribution/reference/blob/main/normalize.go).
 */
export function fullName(tag: string, local: LocalRegistry): string {
  const [first = ''] = tag.split('/', 1);
  const hasRegistry = tag.includes('/') && (/[.:A-Z]/.test(first) || first === 'localhost');
  const name = hasRegistry ? tag : withRegistry(tag, local);
  return name.includes('@') || name.includes(':', name.lastIndexOf('/') + 1) ? name : `${name}:latest`;
}

function withRegistry(tag: string, local: LocalRegistry): string {
  if (local === 'localhost') return `localhost/${tag}`;
  return tag.includes('/') ? `docker.io/${tag}` : `docker.io/library/${tag}`;
}
