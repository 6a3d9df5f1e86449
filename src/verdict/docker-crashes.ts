import { CUT, REFUSED, UNREACHABLE } from './connection-loss.js';
import { BUILDX, DOCKER_FAMILY, type Signature, whole } from './signature.js';

const SEEN = 'seen: docker 20.10.24 and 28.5.2 (transcripts)';

/** Docker's clients on a daemon that went away, in the words of its legacy builder, of BuildKit, or of both. */
export const DOCKER_CRASHES: readonly Signature[] = [
  {
    id: 'docker-daemon-dead',
    dialects: [...DOCKER_FAMILY, 'cluster'],
    last: whole`${BUILDX}Cannot connect to the Docker daemon at [^"]+\. Is the docker daemon running\?`,
    class: 'engine-crash',
    means: 'nobody answers on the daemon’s socket',
    source: `docker/cli v28.2.2 vendor/github.com/docker/docker/client/errors.go:47; ${SEEN}`,
  },
  {
    id: 'docker-api-dead',
    dialects: [...DOCKER_FAMILY, 'cluster'],
    last: whole`${BUILDX}failed to connect to the docker API at \S+; check if the path is correct and if the daemon is running: ${UNREACHABLE}`,
    class: 'engine-crash',
    means: 'nobody answers on the daemon’s socket',
    source: 'docker/cli v29.7.2 vendor/github.com/moby/moby/client/request.go:177',
  },
  {
    id: 'docker-grpc-dead',
    dialects: ['buildkit'],
    last: whole`${BUILDX}failed to dial gRPC: cannot connect to the Docker daemon\. Is 'docker daemon' running on this host\?: ${UNREACHABLE}`,
    class: 'engine-crash',
    means: 'nobody answers on the daemon’s socket',
    source: 'seen: docker 20.10.24 (transcripts)',
  },
  {
    id: 'docker-connection-lost',
    dialects: [...DOCKER_FAMILY, 'cluster'],
    last: whole`${BUILDX}error during connect: [A-Z][a-z]+ "[^"]*": (?:${UNREACHABLE}|${CUT})`,
    class: 'engine-crash',
    means: 'the daemon went away in the middle of a request',
    source:
      'docker/cli v28.2.2 vendor/github.com/docker/docker/client/request.go:185; seen: docker 20.10.24 (signatures)',
  },
  {
    id: 'docker-eof-in-step',
    dialects: ['docker-legacy'],
    step: whole`Step \d+/\d+ : (?!FROM |COPY .*--from=).*`,
    last: whole`unexpected EOF`,
    class: 'engine-crash',
    means: 'the daemon went away in the middle of a step that pulls nothing',
    source: SEEN,
  },
  {
    id: 'docker-eof',
    dialects: ['docker-legacy'],
    last: whole`unexpected EOF`,
    class: 'registry-flake',
    whenEngineDied: 'engine-crash',
    means: 'a connection ended early: that to the daemon, or that of a pull',
    source: 'seen: docker 20.10.24, dockerd killed, and a registry that cuts off (signatures)',
  },
  {
    id: 'buildkit-eof',
    dialects: ['buildkit'],
    last: whole`unexpected EOF`,
    class: 'engine-crash',
    means: 'the daemon went away in the middle of the build',
    source: 'seen: docker 20.10.24 (transcripts)',
  },
  {
    id: 'buildkit-server-eof',
    dialects: ['buildkit'],
    last: whole`${BUILDX}(?:failed to receive status: rpc error: code = Unavailable desc = |failed to solve: Unavailable: )error reading from server: ${CUT}`,
    class: 'engine-crash',
    means: 'the daemon went away in the middle of the build',
    source: `moby/buildkit v0.32.2 client/solve.go:386; docker/buildx issues #2064, #2380; ${SEEN}`,
  },
  {
    id: 'buildkit-server-closed',
    dialects: ['buildkit'],
    last: whole`${BUILDX}(?:failed to receive status: rpc error: code = Unavailable desc = |failed to solve: Unavailable: )closing transport due to: connection error: desc = "error reading from server: (?:${CUT}|io: read/write on closed pipe)"(?:, received prior goaway: code: [A-Z_]+, debug data: "[^"]*")?`,
    class: 'engine-crash',
    means: 'the daemon was stopped in the middle of the build',
    source: 'docker/buildx issues #2789, #1079; google.golang.org/grpc server.go (graceful_stop)',
  },
  {
    id: 'buildkit-socket-dead',
    dialects: ['buildkit'],
    last: whole`${BUILDX}dial unix /run/buildkit/buildkitd\.sock: ${REFUSED}`,
    class: 'engine-crash',
    means: 'nobody answers on buildkitd’s socket',
    source: 'docker/buildx issue #1570; pulumi/pulumi-docker-build issue #102',
  },
  {
    id: 'buildkit-one-connection',
    dialects: ['buildkit'],
    last: whole`${BUILDX}(?:[^"]*connection error: desc = ")?transport: Error while dialing:? only one connection allowed"?`,
    class: 'timeout',
    whenEngineDied: 'engine-crash',
    means: 'the session between client and daemon was lost',
    source: 'moby/buildkit issue #748; moby/moby pull request #52721',
  },
  {
    id: 'buildkit-canceled',
    dialects: ['buildkit'],
    last: whole`${BUILDX}failed to solve: Canceled: context canceled`,
    class: 'cancelled',
    whenEngineDied: 'engine-crash',
    means: 'the build was cancelled: by whoever ended the client, or by a daemon that was stopped',
    source: 'docker/for-win issue #13813; seen: buildkitd 0.11.6 stopped, client interrupted (signatures)',
  },
];
