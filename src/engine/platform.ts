import type { EngineRequest } from './engine.js';

/** By the names that Node has for them. */
const PLATFORMS = ['linux', 'darwin', 'win32'];

/** Why nothing can be built on this platform with the engine that is asked for; undefined when something may. */
export function platformRefusal({ engine }: Pick<EngineRequest, 'engine'>, platform: string): string | undefined {
  if (!PLATFORMS.includes(platform)) {
    return `this platform is not supported: seen ${platform}, expected one of ${PLATFORMS.join(', ')}`;
  }
  if (engine === 'buildah' && platform !== 'linux') {
    return `engine: seen "buildah" on ${platform}, expected podman or docker, as buildah builds on Linux only`;
  }
  return undefined;
}
