import { DOCKER_FAMILY, PODMAN_FAMILY, type Signature, whole } from './signature.js';

/** The disk of the engine is full. What a step's own command says of a full disk is not the engine's word. */
export const DISK_FAILURES: readonly Signature[] = [
  {
    id: 'disk-full',
    dialects: [...PODMAN_FAMILY, ...DOCKER_FAMILY, 'cluster'],
    last: whole`.*: no space left on device"?`,
    class: 'resources-exhausted',
    means: 'the disk that holds the images is full',
    source: 'containers/podman issue #23287; docker/build-push-action issue #968',
  },
  {
    id: 'podman-step-disk-full',
    dialects: PODMAN_FAMILY,
    above: [whole`(?:time="[^"]*" level=error msg=|ERRO\[\d+\] ).*no space left on device.*`],
    last: whole`.*": (?:(?:error )?while running runtime: )?exit status \d+`,
    class: 'resources-exhausted',
    means: 'the disk that holds the images is full',
    source: 'containers/podman issue #23287; seen: podman 4.3.1 (signatures)',
  },
  {
    id: 'podman-commit-disk-full',
    dialects: PODMAN_FAMILY,
    last: whole`Error: committing container for step .*processing tar file\([^()]*: no space left on device\): exit status \d+`,
    class: 'resources-exhausted',
    means: 'the disk that holds the images is full: a step was done, and its layer could not be written',
    source: 'seen: podman 4.3.1',
  },
  {
    id: 'podman-context-disk-full',
    dialects: ['podman-remote'],
    last: whole`Error: failed Request: Unable to copy tar file from request body .*`,
    class: 'resources-exhausted',
    means: 'the server’s disk was full when it received the build context',
    source: 'containers/podman v4.9.5 pkg/api/handlers/compat/images_build.go (extractTarFile)',
  },
];
