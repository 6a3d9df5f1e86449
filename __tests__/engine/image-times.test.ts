import { describe, expect, it } from '@jest/globals';
import { quietBefore } from '../../src/engine/image-times.js';

const AT = Date.parse('2026-01-01T00:01:00.500Z');
const seconds = (before: number) => Math.floor(AT / 1_000) - before;

describe('how long an engine had made nothing', () => {
  it.each<[string, unknown, number]>([
    ['no images', [], 60_000],
    ['podman', [{ Created: seconds(20) }, { Created: seconds(10) }], 9_500],
    ['buildah', [{ createdatraw: '2026-01-01T00:00:50.5Z' }], 9_000],
    ['long ago', [{ Created: seconds(9_999) }], 60_000],
    ['in the same second', [{ Created: seconds(0) }], 0],
    ['what the run made itself does not count', [{ Created: seconds(-1) }, { Created: seconds(10) }], 9_500],
    ['one that is not understood', [{ Created: seconds(10) }, { Id: 'x' }], 0],
    ['no list', { error: 'x' }, 0],
  ])('%s', (_name, images, expected) => {
    expect(quietBefore(JSON.stringify(images), AT)).toBe(expected);
  });
});
