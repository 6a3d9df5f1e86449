import type { BuiltImage } from '../journal/events.js';
import type { ImageSpec } from '../plan/image-spec.js';
import type { Reuse } from './engine.js';

/**
 * The build arguments that podman, docker and buildah share, in a fixed order. What differs by engine (pull, tags of
 * a manifest, loading) is added by the engine's own file; the context always comes last.
 */
export function sharedBuildArguments(image: ImageSpec, iidfile: string | undefined, reuse: Reuse): string[] {
  return [
    ...(image.file === undefined ? [] : ['--file', image.file]),
    ...(image.target === undefined ? [] : ['--target', image.target]),
    ...pairs('--build-arg', image.buildArgs),
    ...pairs('--build-context', image.buildContexts),
    ...pairs('--label', image.labels),
    ...Object.entries(image.secrets).flatMap(([id, path]) => ['--secret', `id=${id},src=${path}`]),
    // What a cache brings from elsewhere is of any age.
    ...(reuse.kind === 'since' ? [] : image.cacheFrom.flatMap((source) => ['--cache-from', source])),
    ...image.cacheTo.flatMap((target) => ['--cache-to', target]),
    ...reuseArguments(reuse),
    ...(iidfile === undefined ? [] : ['--iidfile', iidfile]),
  ];
}

/** `--cache-ttl` is of podman and buildah alone; it takes a duration of Go. */
function reuseArguments(reuse: Reuse): string[] {
  if (reuse.kind === 'cache') return [];
  return reuse.kind === 'none' ? ['--no-cache'] : [`--cache-ttl=${Math.max(1, Math.round(reuse.ms))}ms`];
}

/** `--tag a --tag b`. */
export function tagArguments(tags: string[]): string[] {
  return tags.flatMap((tag) => ['--tag', tag]);
}

/** Reads `<id> <size in bytes>`, which the engines' inspect templates print; undefined when it is something else. */
export function readIdAndSize(stdout: string): BuiltImage | undefined {
  const [id, size] = stdout.trim().split(/\s+/);
  if (id === undefined || !/^(sha256:)?[0-9a-f]{12,64}$/.test(id)) return undefined;
  return { id: withAlgorithm(id), ...(size !== undefined && /^\d+$/.test(size) ? { sizeBytes: Number(size) } : {}) };
}

/** podman and buildah print bare ids, docker `sha256:…`; reports use docker's form for all. */
export function withAlgorithm(id: string): string {
  return id.startsWith('sha256:') ? id : `sha256:${id}`;
}

/** The id as podman and buildah print it. */
export function bareId(id: string): string {
  return id.replace(/^sha256:/, '');
}

/** `api` is `api:latest`. */
export function withTag(tag: string): string {
  return tag.lastIndexOf(':') > tag.lastIndexOf('/') ? tag : `${tag}:latest`;
}

function pairs(flag: string, values: Record<string, string | null>): string[] {
  return Object.entries(values).flatMap(([key, value]) => [flag, value === null ? key : `${key}=${value}`]);
}
