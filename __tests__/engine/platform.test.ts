import { describe, expect, it } from '@jest/globals';
import type { EngineRequest } from '../../src/engine/engine.js';
import { platformRefusal } from '../../src/engine/platform.js';

const ENGINES: EngineRequest['engine'][] = ['auto', 'podman', 'docker', 'buildah'];
const LINUX_ONLY = 'expected podman or docker, as buildah builds on Linux only';

describe('the platform', () => {
  it.each<[string, EngineRequest['engine'][]]>([
    ['linux', ENGINES],
    ['darwin', ['auto', 'podman', 'docker']],
    ['win32', ['auto', 'podman', 'docker']],
    ['freebsd', []],
    ['', []],
  ])('%j is taken with %j', (platform, engines) => {
    expect(ENGINES.filter((engine) => platformRefusal({ engine }, platform) === undefined)).toEqual(engines);
  });

  it.each<[EngineRequest['engine'], string, string]>([
    ['buildah', 'darwin', `engine: seen "buildah" on darwin, ${LINUX_ONLY}`],
    ['buildah', 'win32', `engine: seen "buildah" on win32, ${LINUX_ONLY}`],
    ['auto', 'freebsd', 'this platform is not supported: seen freebsd, expected one of linux, darwin, win32'],
    ['buildah', 'aix', 'this platform is not supported: seen aix, expected one of linux, darwin, win32'],
  ])('that %s cannot build on, %s, is refused with what is expected', (engine, platform, said) => {
    expect(platformRefusal({ engine }, platform)).toBe(said);
  });
});
