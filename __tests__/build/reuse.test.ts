import { describe, expect, it } from '@jest/globals';
import { createReuse } from '../../src/build/reuse.js';
import { imageSpec } from '../support/image-spec-factory.js';

const CACHE = { kind: 'cache' };
const NONE = { kind: 'none' };
const since = (ms: number) => ({ kind: 'since', ms });

describe('what attempts may reuse', () => {
  it.each([
    ['any layer', false, false, [CACHE, CACHE]],
    ['with fresh, at each attempt what is no older than the run', true, false, [since(100), since(200)]],
    ['without cache, what the run built, but not at first', false, true, [NONE, since(100)]],
    ['without cache in a fresh run the same', true, true, [NONE, since(100)]],
  ])('%s', (_name, fresh, noCache, expected) => {
    let age = 0;
    const reuseOf = createReuse(fresh, () => {
      age += 100;
      return age;
    });
    expect([1, 2].map(() => reuseOf(imageSpec({ noCache })))).toEqual(expected);
  });

  it('is told apart by image', () => {
    const reuseOf = createReuse(false, () => 7);
    reuseOf(imageSpec({ name: 'a', noCache: true }));
    expect(reuseOf(imageSpec({ name: 'b', noCache: true }))).toEqual(NONE);
    expect(reuseOf(imageSpec({ name: 'a', noCache: true }))).toEqual(since(7));
  });
});
