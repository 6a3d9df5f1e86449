import type { Problem } from '../inputs/inputs.js';
import type { Dialect } from '../journal/events.js';
import type { ImageSpec } from '../plan/image-spec.js';
import type { Command, Engine } from './engine.js';
import { readDigest } from './manifest-list.js';

/** How an engine pushes a tag, and where it says under which digest. */
export interface Push {
  /** How the client's words are to be read; absent: as those of a build. */
  dialect?: Dialect;
  /** `digestfile`: path to which the engine may write the digest. */
  command(digestfile: string): Command;
  /** The digest, out of what the command printed or the text of the file; undefined when it is in neither. */
  readDigest(stdout: string, file: string | undefined): string | undefined;
  /**
   * How the registry is asked for the digest, by commands that run in order, for clients that say none (seen: podman 4.3.1
   * with a server takes `--digestfile` and writes nothing).
   */
  ask?(digestfile: string): AskForDigest;
}

export interface AskForDigest {
  begin: Command;
  show: Command;
  end: Command;
  /** Reads what `show` printed. */
  read(stdout: string): string | undefined;
}

/** Reads the digest that podman and buildah write to `--digestfile`; an empty file says that nothing was pushed. */
export function readDigestFile(_stdout: string, file: string | undefined): string | undefined {
  return readDigest(file?.trim());
}

/** Reads the line with which docker ends a push, `e2e: digest: sha256:… size: 527`. */
export function readPushedLine(stdout: string): string | undefined {
  const lines = stdout.split('\n').map((line) => /^\S+: digest: (sha256:[0-9a-f]{64}) size: \d+\s*$/.exec(line)?.[1]);
  return lines.findLast((digest) => digest !== undefined);
}

/**
 * Problems for the tags that are to be pushed and name no registry: docker would push `api:e2e` to Docker Hub's own
 * images, podman to one of its search registries or to `localhost`.
 */
export function pushProblems({ facts }: Pick<Engine, 'facts'>, images: readonly ImageSpec[]): Problem[] {
  const hub = facts.name === 'docker' ? ' or, on Docker Hub, owner/api:e2e' : '';
  return images
    .filter(({ push }) => push)
    .flatMap(({ name, tags }) =>
      tags
        .filter((tag) => !namesRegistry(tag, facts.name === 'docker'))
        .map((tag) => ({
          where: `image "${name}": tags`,
          seen: tag,
          expected: `a tag with a registry, such as ghcr.io/owner/api:e2e${hub}, as the image is to be pushed`,
          hint: 'write tags, or push: false for this image',
        })),
    );
}

/**
 * Whether a tag says where it goes. What stands before the first slash is a host if it has a dot or a port
 * (https://github.com/distribution/reference/blob/main/normalize.go); `localhost` alone is what engines put before names
 * that have no registry.
 */
function namesRegistry(tag: string, dockerHub: boolean): boolean {
  const [first = '', ...rest] = tag.split('/');
  if (rest.length === 0) return false;
  if (/[.:]/.test(first)) return true;
  return dockerHub && first !== 'localhost';
}
