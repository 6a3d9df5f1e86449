import type { Dialect } from '../journal/events.js';

/** What a turn that is due may do, by what is free: begin, begin with a warning, wait for others, or fail at once. */
export type DiskDecision = 'go' | 'warn' | 'wait' | 'fail';

/** What is known of the space where the engine keeps its images. Sizes in bytes. */
export interface Space {
  /** Absent where it cannot be seen. */
  freeBytes?: number;
  /** Where the engine keeps its images is being asked, and the answer is worth waiting for. */
  asking: boolean;
}

/** Decides by the space that is left; `minFreeBytes` and `expectedBytes` are absent when there is none, or it is not known. */
export function decideByDisk(of: {
  space: Space;
  /** What the turn may need. */
  expectedBytes?: number | undefined;
  /** The user's `min-free-disk`. */
  minFreeBytes?: number | undefined;
  /** Whether something runs now whose end may free space. */
  othersRun: boolean;
  /** A hand-off: it goes on with what fits, as an image that is handed over is what makes room. */
  isHandOff?: boolean;
}): DiskDecision {
  const { space, expectedBytes, minFreeBytes, othersRun, isHandOff = false } = of;
  const { freeBytes } = space;
  if (minFreeBytes !== undefined) {
    if (freeBytes === undefined) return space.asking ? 'wait' : 'go';
    if (freeBytes < minFreeBytes) {
      if (othersRun) return 'wait';
      return isHandOff && freeBytes >= (expectedBytes ?? 0) ? 'go' : 'fail';
    }
  }
  return freeBytes !== undefined && expectedBytes !== undefined && freeBytes < expectedBytes ? 'warn' : 'go';
}

/**
 * How many copies of its context a build writes at most. A podman server keeps the archive that it is sent, unpacks it
 * (https://github.com/containers/podman/blob/v4.3.1/pkg/api/handlers/compat/images_build.go), and `COPY . .` makes a layer of
 * it; docker's servers unpack it as it comes; without a server it is read where it lies.
 */
const CONTEXT_COPIES: Record<Dialect, number> = {
  'podman-remote': 3,
  'docker-legacy': 2,
  buildkit: 2,
  podman: 1,
  buildah: 1,
};

/** The space that a build may need for a context of so many bytes, before what its steps make. */
export function bytesOfContext(contextBytes: number, dialect: Dialect): number {
  return contextBytes * CONTEXT_COPIES[dialect];
}

/** Bytes as the evidence of a verdict has them: `812 MiB`. */
export function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
