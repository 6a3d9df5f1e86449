import { REFUSED } from './connection-loss.js';
import { DOCKER_FAMILY, PODMAN_FAMILY, type Signature, whole } from './signature.js';

/** Podman names the pull by this prefix, so that a registry that refuses is not taken for the server. */
const PODMAN_PULL = 'Error: (?:error )?(?:creating build container|writing blob): ';

/** `Get "https://registry.example/v2/": `, with docker's prefixes. */
const DOCKER_PULL = '.*(?:Head|Get) "https?://[^"]+/v2/[^"]*": ';

/** A base image could not be had: because the registry failed, or because it does not exist. */
export const REGISTRY_FAILURES: readonly Signature[] = [
  {
    id: 'podman-registry-down',
    dialects: PODMAN_FAMILY,
    last: whole`${PODMAN_PULL}.*pinging container registry .*: ${REFUSED}`,
    class: 'registry-flake',
    means: 'the registry refused the connection',
    source: 'seen: podman 4.3.1 and 5.8.6 (transcripts)',
  },
  {
    id: 'podman-registry-cut',
    dialects: PODMAN_FAMILY,
    last: whole`${PODMAN_PULL}.*happened during read: (?:\(heuristic tuning data: [^()]*\): )?(?:unexpected EOF.*|read tcp .*: connection reset by peer)`,
    class: 'registry-flake',
    means: 'the registry cut the connection in the middle of a layer',
    source: 'containers/image copy/blob.go:167 (df7e80d2); containers/podman issues #17193, #12962, #24715',
  },
  {
    id: 'podman-registry-eof',
    dialects: PODMAN_FAMILY,
    last: whole`${PODMAN_PULL}.*(?:Get|Head) "https?://[^"]*": EOF`,
    class: 'registry-flake',
    means: 'the registry closed the connection',
    source: 'seen: podman 4.3.1 (signatures)',
  },
  {
    id: 'podman-registry-limit',
    dialects: PODMAN_FAMILY,
    last: whole`${PODMAN_PULL}.*toomanyrequests: .*`,
    class: 'registry-flake',
    means: 'the registry’s rate limit is reached',
    source: 'seen: podman 4.3.1 (signatures)',
  },
  {
    id: 'podman-registry-5xx',
    dialects: PODMAN_FAMILY,
    last: whole`${PODMAN_PULL}.*(?:received unexpected HTTP status: |invalid status code from registry )5\d\d.*`,
    class: 'registry-flake',
    means: 'the registry answered with a server error',
    source: 'seen: podman 4.3.1 (signatures)',
  },
  {
    id: 'podman-image-refused',
    dialects: PODMAN_FAMILY,
    last: whole`${PODMAN_PULL}.*: (?:manifest unknown|unauthorized.*)`,
    class: 'build-failed',
    means: 'the registry has no such base image, or does not give it to us',
    source: 'seen: podman 4.3.1 (signatures)',
  },
  {
    id: 'docker-registry-down',
    dialects: DOCKER_FAMILY,
    last: whole`${DOCKER_PULL}(?:EOF|unexpected EOF|dial tcp .*: ${REFUSED}|net/http: TLS handshake timeout)`,
    class: 'registry-flake',
    means: 'the registry refused, dropped or did not finish the connection',
    source: 'mozilla/addons issue #14827; seen: docker 20.10.24 and 28.5.2 (transcripts)',
  },
  {
    id: 'docker-registry-unknown-host',
    dialects: DOCKER_FAMILY,
    last: whole`${DOCKER_PULL}dial tcp: lookup .*: no such host`,
    class: 'usage-error',
    means: 'the registry’s name is not known here',
    source: 'seen: docker 20.10.24 and 28.5.2 (transcripts)',
  },
  {
    id: 'docker-registry-range',
    dialects: ['docker-legacy'],
    last: whole`expected HTTP 206 from byte range request`,
    class: 'registry-flake',
    means: 'the registry cut the connection in the middle of a layer and could not resume it',
    source: 'seen: docker 20.10.24 (signatures)',
  },
  {
    id: 'docker-registry-limit',
    dialects: DOCKER_FAMILY,
    last: whole`(?:toomanyrequests: |.*: 429 Too Many Requests).*`,
    class: 'registry-flake',
    means: 'the registry’s rate limit is reached',
    source: 'cvat-ai/cvat issue #2542; elastic/golang-crossbuild issue #659',
  },
  {
    id: 'buildkit-registry-cut',
    dialects: ['buildkit'],
    last: whole`(?:ERROR: .*)?failed to copy: read tcp .*: read: connection reset by peer`,
    class: 'registry-flake',
    means: 'the registry cut the connection in the middle of a layer',
    source: 'seen: docker 20.10.24 (signatures)',
  },
  {
    id: 'buildkit-image-refused',
    dialects: ['buildkit'],
    last: whole`failed to solve with frontend dockerfile\.v0: failed to create LLB definition: .*(?:: not found|: 401 Unauthorized)`,
    class: 'build-failed',
    means: 'the registry has no such base image, or does not give it to us',
    source: 'seen: docker 20.10.24 (signatures)',
  },
];
