import { describe, expect, it } from '@jest/globals';
import { type Companion, findSuspects, whyExclusive } from '../../src/schedule/exclusive.js';

describe('an image builds alone', () => {
  it.each<[string, Partial<Companion>, string[][], string | undefined]>([
    ['when the user says so', { exclusive: true }, [], 'exclusive: true'],
    ['when it was in flight at two incidents', {}, [['api'], ['api', 'web']], 'it was in flight at 2 incidents'],
    ['not for one incident', {}, [['api', 'web'], ['web']], undefined],
    ['not when the user forbids it', { exclusive: false }, Array(7).fill(['api']), undefined],
  ])('%s', (_, image, incidents, why) => {
    const api = { name: 'api', ...image };
    expect(whyExclusive(api, findSuspects(incidents, [api, { name: 'web' }]))).toBe(why);
  });
});

describe('the suspects of incidents', () => {
  const suspects = (incidents: string[], images: Companion[] = []) =>
    Object.fromEntries(
      findSuspects(
        incidents.map((names) => names.split(' ')),
        images,
      ),
    );

  it.each<[string, string[], Record<string, number>]>([
    ['nobody, when each was there once', ['heavy a', 'b c'], {}],
    ['not those that were only beside it', ['heavy a b', 'heavy a c', 'heavy b'], { heavy: 3 }],
    ['all that were there each time: they cannot be told apart', ['heavy a b', 'heavy a'], { heavy: 2, a: 2 }],
    [
      'two of them, each by what the other does not explain',
      ['x a', 'x b', 'x c', 'x y', 'y a', 'y c'],
      { x: 4, y: 3 },
    ],
    ['not one to which the other leaves a single incident', ['x y', 'x b', 'x c', 'y a'], { x: 3 }],
  ])('are %s', (_, incidents, expected) => {
    expect(suspects(incidents)).toEqual(expected);
  });

  it('are not beside an image that the user says is to be alone', () => {
    expect(suspects(['heavy a', 'heavy a', 'a b'], [{ name: 'heavy', exclusive: true }])).toEqual({});
  });

  it('are others than the one that the user says is none', () => {
    expect(suspects(['heavy a', 'heavy a', 'heavy b'], [{ name: 'heavy', exclusive: false }])).toEqual({ a: 2 });
  });
});
