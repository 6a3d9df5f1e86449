import { CUT, REFUSED } from './connection-loss.js';
import { DOCKER_FAMILY, PODMAN_FAMILY, type Signature, whole } from './signature.js';

/** What podman and buildah were doing for a push when it failed; lists of images are named before their images. */
const PODMAN_PUSH =
  'Error: (?:adding to manifest list \\S+: )?(?:pushing (?:image|manifest list) \\S+ to \\S+: )?(?:copying image \\d+/\\d+ from manifest list: )?(?:writing (?:blob|manifest|manifest list)|trying to reuse blob \\S+ at destination): ';

/** A request to a registry, in the words of Go's http client. */
const REQUEST = '(?:Head|Get|Post|Patch|Put) "https?://[^"]*": ';

const SEEN = 'seen: podman 4.3.1 and 5.8.6, buildah 1.28.2 (push transcripts)';
const DOCKER_SEEN = 'seen: docker 20.10.24 and 28.5.2 (push transcripts)';

/** A connection to a registry that was not made, was cut, or took too long. */
const DISCONNECTED = `(?:${CUT}|dial tcp [^"]*: (?:${REFUSED}|i/o timeout)|dial tcp: lookup [^"]*: (?:i/o timeout|server misbehaving)|net/http: TLS handshake timeout|(?:read|write) tcp [^"]*: use of closed network connection)`;

/** An image could not be pushed, because its registry failed or refused; and pulls whose words are of the same kind. */
export const PUSH_FAILURES: readonly Signature[] = [
  {
    id: 'podman-push-cut',
    dialects: PODMAN_FAMILY,
    last: whole`${PODMAN_PUSH}(?:.*: )?${REQUEST}${DISCONNECTED}`,
    class: 'registry-flake',
    means: 'the registry refused, cut or did not finish the connection',
    source: SEEN,
  },
  {
    id: 'podman-push-limit',
    dialects: PODMAN_FAMILY,
    last: whole`${PODMAN_PUSH}.*: (?:toomanyrequests(?:: .*)?|StatusCode: 429, .*|StatusCode: 429,|too many requests to registry)`,
    class: 'registry-flake',
    means: 'the registry’s rate limit is reached',
    source: SEEN,
  },
  {
    id: 'podman-push-5xx',
    dialects: PODMAN_FAMILY,
    last: whole`${PODMAN_PUSH}.*(?:received unexpected HTTP status: |invalid status code from registry |StatusCode: )5\d\d\b.*`,
    class: 'registry-flake',
    means: 'the registry answered with a server error',
    source: SEEN,
  },
  {
    id: 'podman-push-refused',
    dialects: PODMAN_FAMILY,
    last: whole`${PODMAN_PUSH}.*: (?:denied|unauthorized|authentication required|name unknown|name invalid|manifest invalid|unsupported)(?:: .*)?`,
    class: 'usage-error',
    means: 'the registry does not take the image from us: the login, the name, or the image is not right',
    source: SEEN,
  },
  {
    id: 'podman-push-formats',
    dialects: PODMAN_FAMILY,
    last: whole`Error: (?:pushing image \S+ to \S+: )?[Uu]ploading manifest failed, attempted the following formats: .*`,
    class: 'usage-error',
    means: 'the registry takes the image in none of the formats that it can have',
    source: SEEN,
  },
  {
    id: 'podman-push-unknown-host',
    dialects: PODMAN_FAMILY,
    last: whole`${PODMAN_PUSH}.*${REQUEST}dial tcp: lookup .*: no such host`,
    class: 'usage-error',
    means: 'the registry’s name is not known here',
    source: SEEN,
  },
  {
    id: 'podman-push-not-tls',
    dialects: PODMAN_FAMILY,
    last: whole`${PODMAN_PUSH}.*${REQUEST}(?:http: server gave HTTP response to HTTPS client|.*x509: .*)`,
    class: 'usage-error',
    means: 'the registry has no certificate that is trusted here',
    source: SEEN,
  },
  {
    id: 'docker-push-cut',
    dialects: DOCKER_FAMILY,
    last: whole`(?:Head|Get|Post|Patch|Put) "https?://[^"]+/v2/[^"]*": ${DISCONNECTED}`,
    class: 'registry-flake',
    means: 'the registry refused, cut or did not finish the connection',
    source: DOCKER_SEEN,
  },
  {
    id: 'docker-push-closed',
    dialects: ['docker-legacy'],
    last: whole`(?:read|write) tcp \S+: (?:use of closed network connection|(?:read: )?connection reset by peer|(?:write: )?(?:broken pipe|connection reset by peer))`,
    class: 'registry-flake',
    means: 'the registry cut the connection in the middle of a layer',
    source: DOCKER_SEEN,
  },
  {
    id: 'docker-pull-gave-up',
    dialects: ['docker-legacy'],
    last: whole`(?:error pulling image configuration: )?download failed after attempts=\d+: (?:${REQUEST})?${DISCONNECTED}`,
    class: 'registry-flake',
    means: 'the registry went away in the middle of a pull, and did not come back while docker tried again',
    source: DOCKER_SEEN,
  },
  {
    id: 'docker-push-eof',
    dialects: ['docker-legacy'],
    last: whole`EOF`,
    class: 'registry-flake',
    whenEngineDied: 'engine-crash',
    means: 'a connection ended early: that to the daemon, or that to a registry',
    source: DOCKER_SEEN,
  },
  {
    id: 'docker-push-limit',
    dialects: DOCKER_FAMILY,
    last: whole`toomanyrequests:|error parsing HTTP 429 response body: .*`,
    class: 'registry-flake',
    means: 'the registry’s rate limit is reached',
    source: DOCKER_SEEN,
  },
  {
    id: 'docker-push-5xx',
    dialects: DOCKER_FAMILY,
    last: whole`(?:error pulling image configuration: )?(?:download failed after attempts=\d+: )?received unexpected HTTP status: 5\d\d .*|error parsing HTTP 5\d\d response body: .*`,
    class: 'registry-flake',
    means: 'the registry answered with a server error',
    source: DOCKER_SEEN,
  },
  {
    id: 'docker-push-refused',
    dialects: DOCKER_FAMILY,
    last: whole`(?:denied|unauthorized|name unknown|name invalid|manifest invalid)(?:: .*)?|no basic auth credentials`,
    class: 'usage-error',
    means: 'the registry does not take the image from us: the login, the name, or the image is not right',
    source: DOCKER_SEEN,
  },
  {
    id: 'buildkit-registry-answer',
    dialects: ['buildkit'],
    last: whole`ERROR: .*unexpected status from (?:HEAD|GET|PUT|POST|PATCH) request to https?://\S+/v2/\S+: (?:429|5\d\d) .*`,
    class: 'registry-flake',
    means: 'the registry’s rate limit is reached, or it answered with a server error',
    source: 'seen: docker 28.5.2 (push transcripts)',
  },
];
