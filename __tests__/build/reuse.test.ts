import { describe, expect, it } from '@jest/globals';
import { createReuse } from '../../src/build/reuse.js';
import { imageSpec } from '../support/image-spec-factory.js';

const CACHE = { kind: 'cache' };
const NONE = { kind: 'none' };
const NOT_QUIET = { known: 0, asked: Promise.resolve(0) };
const since = (ms: number) => ({ kind: 'since', ms });

describe('what attempts may reuse', () => {
  it.each([
    ['any layer', false, false, [CACHE, CACHE]],
    ['with fresh, at each attempt what is no older than the run', true, false, [since(100), since(200)]],
    ['without cache, what the run built, but not at first', false, true, [NONE, since(100)]],
    ['without cache in a fresh run the same', true, true, [NONE, since(100)]],
  ])('%s', async (_name, fresh, noCache, expected) => {
    let age = 0;
    const now = () => {
      age += 100;
      return age;
    };
    const reuseOf = createReuse(fresh, { now, quiet: () => NOT_QUIET });
    const image = imageSpec({ noCache });
    expect([await reuseOf(image), await reuseOf(image)]).toEqual(expected);
  });

  it('is told apart by image', async () => {
    const reuseOf = createReuse(false, { now: () => 7, quiet: () => NOT_QUIET });
    await reuseOf(imageSpec({ name: 'a', noCache: true }));
    expect(await reuseOf(imageSpec({ name: 'b', noCache: true }))).toEqual(NONE);
    expect(await reuseOf(imageSpec({ name: 'a', noCache: true }))).toEqual(since(7));
  });

  it('is older by the time in which the engine had made nothing; only a retry waits for the answer', async () => {
    const quiet = () => ({ known: 0, asked: Promise.resolve(5_000) });
    const reuseOf = createReuse(true, { now: () => 7, quiet });
    expect([await reuseOf(imageSpec()), await reuseOf(imageSpec())]).toEqual([since(7), since(5_007)]);
  });
});
