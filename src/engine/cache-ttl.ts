import type { Reuse } from './engine.js';

/** Since when `build` has `--cache-ttl` (https://github.com/containers/buildah/blob/main/CHANGELOG.md). */
export const CACHE_TTL_SINCE = { podman: '4.3', buildah: '1.28' } as const;

/** Whether a version such as `4.3.1` or `5.0.0-dev` is at least another, such as `4.3`; by major and minor alone. */
export function isAtLeast(version: string, least: string): boolean {
  const [major = 0, minor = 0] = parts(version);
  const [leastMajor = 0, leastMinor = 0] = parts(least);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

/** What is reused by an engine that cannot tell how old layers are: rather nothing than what is too old. */
export function withoutAges(reuse: Reuse): Reuse {
  return reuse.kind === 'since' ? { kind: 'none' } : reuse;
}

function parts(version: string): number[] {
  return version.split('.').map((part) => Number.parseInt(part, 10) || 0);
}
