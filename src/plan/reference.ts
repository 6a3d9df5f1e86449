const MAX_LENGTH = 512;
const MAX_NAME_LENGTH = 255;
const HOST =
  /^(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*(?::\d+)?$/;
const IPV6_HOST = /^\[[0-9a-fA-F:]+\](?::\d+)?$/;
const COMPONENT = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^[a-zA-Z][a-zA-Z0-9]*(?:[-_+.][a-zA-Z][a-zA-Z0-9]*)*:[0-9a-fA-F]{32,}$/;

/**
 * Whether a text is `[host[:port]/]path[:tag][@digest]` of at most 512 characters, in time linear to its length.
 * Grammar: https://github.com/distribution/reference/blob/main/reference.go
 */
export function isReference(text: string): boolean {
  if (text.length > MAX_LENGTH) return false;
  const at = text.indexOf('@');
  if (at !== -1 && !DIGEST.test(text.slice(at + 1))) return false;
  const tagged = at === -1 ? text : text.slice(0, at);
  // A colon before a slash is a port's.
  const colon = tagged.indexOf(':', tagged.lastIndexOf('/') + 1);
  if (colon !== -1 && !TAG.test(tagged.slice(colon + 1))) return false;
  const name = colon === -1 ? tagged : tagged.slice(0, colon);
  const [first = '', ...rest] = name.split('/');
  const isHost = rest.length > 0 && (HOST.test(first) || IPV6_HOST.test(first));
  return (
    name.length <= MAX_NAME_LENGTH && (isHost || COMPONENT.test(first)) && rest.every((part) => COMPONENT.test(part))
  );
}

/** The registry's own names for what engines also find by a short one; podman keeps what has no registry as localhost's. */
const IMPLIED = /^(?:localhost\/|(?:(?:index\.)?docker\.io\/)?(?:library\/)?)/;

/**
 * A tag without what engines add to it, so that texts that can mean the same image are the same: `api`, `api:latest`,
 * `localhost/api` and `docker.io/library/api` all are `api:latest`. Undefined for a digest, which is of one content only.
 */
export function plainTag(reference: string): string | undefined {
  if (reference === '' || reference.includes('@')) return undefined;
  const name = reference.replace(IMPLIED, '');
  return name.includes(':', name.lastIndexOf('/') + 1) ? name : `${name}:latest`;
}
