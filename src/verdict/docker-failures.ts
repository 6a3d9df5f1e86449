import { BUILDX, DOCKER_FAMILY, type Signature, whole } from './signature.js';

const SEEN = 'seen: docker 20.10.24 and 28.5.2 (transcripts)';

/** Docker's clients on what the user wrote wrong, and on time that ran out. */
export const DOCKER_FAILURES: readonly Signature[] = [
  {
    id: 'docker-syntax',
    dialects: DOCKER_FAMILY,
    last: whole`(?:Error response from daemon|${BUILDX}failed to solve(?: with frontend dockerfile\.v0: failed to create LLB definition)?): dockerfile parse error.*`,
    class: 'usage-error',
    means: 'the Dockerfile has a syntax error',
    source: SEEN,
  },
  {
    id: 'docker-copy-source-missing',
    dialects: ['docker-legacy'],
    last: whole`(?:COPY|ADD) failed: file not found in build context or excluded by \.dockerignore: .*`,
    class: 'usage-error',
    means: 'a COPY or ADD names a source that is not in the build context',
    source: SEEN,
  },
  {
    id: 'docker-tar-broken',
    dialects: ['docker-legacy'],
    last: whole`(?:Error response from daemon: )?Error processing tar file\(exit status \d+\): .*`,
    class: 'build-failed',
    means: 'a file of the build context could not be unpacked',
    source: 'parsa-epfl/cloudsuite issue #171',
  },
  {
    id: 'buildkit-copy-source-missing',
    dialects: ['buildkit'],
    last: whole`${BUILDX}(?:failed to solve: )?failed to compute cache key: (?:failed to calculate checksum of ref \S+: )?"[^"]*"(?: not found)?: not found`,
    class: 'usage-error',
    means: 'a COPY or ADD names a source that is not in the build context',
    source: SEEN,
  },
  {
    id: 'docker-unknown-flag',
    dialects: DOCKER_FAMILY,
    last: whole`${BUILDX}unknown (?:shorthand )?flag: .*`,
    class: 'usage-error',
    means: 'this version does not know one of the flags',
    source: 'docker/cli v29.7.2 cli/cobra.go:86',
  },
  {
    id: 'docker-bad-tag',
    dialects: DOCKER_FAMILY,
    last: whole`(?:invalid argument ".*" for "-t, --tag" flag|${BUILDX}invalid tag ".*"): invalid reference format.*`,
    class: 'usage-error',
    means: 'a tag is not a valid image reference',
    source: SEEN,
  },
  {
    id: 'docker-no-context',
    dialects: DOCKER_FAMILY,
    last: whole`${BUILDX}unable to prepare context: .*`,
    class: 'usage-error',
    means: 'the build context or the Dockerfile does not exist',
    source: SEEN,
  },
  {
    id: 'docker-no-buildx',
    dialects: DOCKER_FAMILY,
    last: whole`ERROR: BuildKit is enabled but the buildx component is missing or broken\.`,
    class: 'usage-error',
    means: 'the buildx plugin is not installed',
    source: 'docker/cli v29.7.2 cmd/docker/builder.go:30',
  },
  {
    id: 'buildkit-deadline',
    dialects: ['buildkit'],
    last: whole`${BUILDX}failed to solve: (?:.*no active session for \S+|DeadlineExceeded): context deadline exceeded`,
    class: 'timeout',
    means: 'a time limit between client and daemon ran out; the daemon is alive',
    source: 'moby/buildkit v0.32.2 session/manager.go:173; moby/buildkit issues #4327, #6422; docker/buildx issue #456',
  },
];
