import { CUT, REFUSED, UNREACHABLE } from './connection-loss.js';
import { PODMAN_FAMILY, type Signature, whole } from './signature.js';

const SEEN = 'seen: podman 4.3.1 and 5.8.6 (transcripts)';

/** https://github.com/containers/podman/blob/v5.8.2/pkg/bindings/connection.go */
const PING = 'Get "http://d/v[0-9.]+/libpod/_ping": ';
const POST_BUILD = 'Error: Post "http://d/v[0-9.]+/libpod/(?:local/)?build(?:\\?[^"]*)?": ';
const SOCKET = '(?:unable to connect to Podman socket: )?';

/**
 * What a podman client says when its server went away or cannot be reached, and what podman says when it dies itself;
 * before either, the failure that says almost the same.
 */
export const PODMAN_CRASHES: readonly Signature[] = [
  {
    id: 'podman-server-quit',
    dialects: ['podman-remote'],
    last: whole`Error: server probably quit: unexpected EOF`,
    class: 'engine-crash',
    means: 'the server went away in the middle of the build, or the connection to it did',
    source: `containers/podman v5.8.2 pkg/bindings/images/build.go:904, v4.3.1:569; ${SEEN}`,
  },
  {
    id: 'podman-stream-ended',
    dialects: ['podman-remote'],
    last: whole`Error: decoding stream: EOF`,
    class: 'engine-crash',
    means: 'the server ended its answer without a result',
    source: 'containers/podman v5.8.2 pkg/bindings/images/build.go:908, v4.3.1:576',
  },
  {
    id: 'podman-stream-dropped',
    dialects: ['podman-remote'],
    last: whole`Error: stream dropped, unexpected failure`,
    class: 'build-failed',
    whenEngineDied: 'engine-crash',
    means: 'podman 3.1 and 3.2 say this when the server went away, and more often after a failed step',
    source: 'containers/podman issue #10154, fixed by 4df6e31ccb (v3.3.0)',
  },
  {
    id: 'podman-bare-eof',
    dialects: ['podman-remote'],
    last: whole`Error: unexpected EOF`,
    class: 'registry-flake',
    whenEngineDied: 'engine-crash',
    means: 'a connection ended early: that to the server, or that of a pull',
    source:
      'containers/podman issues #9224, #23568; containers/common issue #2123; seen: podman 4.3.1 (push transcripts)',
  },
  {
    id: 'podman-push-stream-ended',
    dialects: ['podman-remote'],
    last: whole`Error: failed to decode message from stream: (?:unexpected )?EOF`,
    class: 'engine-crash',
    means: 'the server went away in the middle of a push',
    source: 'seen: podman 5.8.6 (push transcripts)',
  },
  {
    id: 'podman-unreachable',
    dialects: ['podman-remote', 'cluster'],
    last: whole`Cannot connect to Podman\. Please verify your connection to the Linux system using \x60podman system connection list\x60, or try \x60podman machine init\x60 and \x60podman machine start\x60 to manage a new Linux VM`,
    class: 'engine-crash',
    means: 'the server cannot be reached',
    source: 'containers/podman v5.8.2 cmd/podman/root.go:127, v4.3.1:111',
  },
  {
    id: 'podman-socket-dead',
    dialects: ['podman-remote', 'cluster'],
    last: whole`Error: unable to connect to Podman socket: ${PING}(?:${UNREACHABLE}(?:: \S+)?|${CUT})`,
    class: 'engine-crash',
    means: 'nobody answers on the server’s socket',
    source: `containers/podman v5.8.2 pkg/bindings/connection.go:54,170; ${SEEN}`,
  },
  {
    id: 'podman-ssh-refused',
    dialects: ['podman-remote', 'cluster'],
    last: whole`Error: ${SOCKET}failed to connect: dial tcp \S+: ${REFUSED}`,
    class: 'engine-crash',
    means: 'nobody answers on the machine’s ssh port',
    source: 'containers/podman v4.3.1, v5.8.2 (common/pkg/ssh/connection_golang.go); issue #20424',
  },
  {
    id: 'podman-bastion-refused',
    dialects: ['podman-remote'],
    last: whole`Error: unable to connect to Podman\. failed to create sshClient: connection to bastion host \([^)]*\) failed: dial tcp \S+: ${REFUSED}`,
    class: 'engine-crash',
    means: 'nobody answers on the machine’s ssh port',
    source: 'containers/podman v4.3.1 pkg/bindings/connection.go:131; issue #15203',
  },
  {
    id: 'podman-ssh-handshake',
    dialects: ['podman-remote', 'cluster'],
    last: whole`Error: ${SOCKET}failed to connect: ssh: handshake failed: ${CUT}`,
    class: 'engine-crash',
    means: 'the machine’s port answers, and no ssh server behind it',
    source: 'containers/podman issue #16579; containers/podman-desktop issue #754',
  },
  {
    id: 'podman-ssh-open-failed',
    dialects: ['podman-remote', 'cluster'],
    last: whole`Error: unable to connect to Podman socket: ${PING}ssh: rejected: connect failed \(open failed\)`,
    class: 'engine-crash',
    means: 'the machine answers, and no podman server in it',
    source: 'containers/podman issues #11306, #12432; containers/podman-machine-os issue #312',
  },
  {
    id: 'podman-context-local-error',
    dialects: ['podman-remote'],
    above: [
      whole`(?:.*errors? occurred:.*\\t|\s+)\* (?:(?:open|lstat|stat|read|readlink) .*|archive/tar: write too long.*)`,
    ],
    last: whole`${POST_BUILD}io: read/write on closed pipe`,
    class: 'build-failed',
    means: 'a file of the build context could not be read, so that the upload broke off',
    source: 'containers/podman issues #29396, #16762; seen: podman 4.3.1 (signatures)',
  },
  {
    id: 'podman-upload-broken',
    dialects: ['podman-remote'],
    last: whole`${POST_BUILD}(?:${UNREACHABLE}|${CUT}|io: read/write on closed pipe)`,
    class: 'engine-crash',
    means: 'the server went away while it was sent the build context',
    source: 'containers/podman v5.8.2 pkg/bindings/connection.go:433; seen: podman 4.3.1 (signatures)',
  },
  {
    id: 'podman-request-cut',
    dialects: ['podman-remote', 'cluster'],
    last: whole`Error: [A-Z][a-z]+ "http://d/v[0-9.]+/libpod/[^"]*": (?:${UNREACHABLE}|${CUT})`,
    class: 'engine-crash',
    means: 'the server went away in the middle of a request',
    source:
      'containers/podman v5.8.2 pkg/bindings/connection.go:433; seen: podman 5.8.6, killed in save and in kind load (load transcripts)',
  },
  {
    id: 'podman-storage-damaged',
    dialects: PODMAN_FAMILY,
    above: [
      whole`.*Found incomplete layer ".*`,
      whole`panic: runtime error: invalid memory address or nil pointer dereference`,
    ],
    code: 2,
    class: 'storage-contention',
    means: 'the image storage is damaged, so that podman panics at each command until it is repaired by hand',
    source: 'containers/storage issue #2184; containers/podman issues #24865, #24754',
  },
  {
    id: 'podman-fatal',
    dialects: PODMAN_FAMILY,
    above: [whole`(?:fatal error|panic): .*`],
    // The Go runtime exits with 2. A step that is a Go program prints the same, but the client's own error follows it.
    code: 2,
    class: 'engine-crash',
    means: 'podman itself died of a fault',
    source: 'containers/podman issue #22330; https://pkg.go.dev/runtime#hdr-Environment_Variables',
  },
];
