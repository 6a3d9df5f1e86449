import { describe, expect, it } from '@jest/globals';
import { mayPrune, whyKept } from '../../src/build/may-prune.js';

const ID = 'ab'.repeat(32);

describe('when an image may be removed', () => {
  const base = { name: 'base' };
  const images = [base, { name: 'api', needs: ['base'] }, { name: 'web', needs: ['base'] }, { name: 'alone' }];
  it.each([
    ['not while images that need it are to come', base, [], false],
    ['not while one of them is', base, ['api'], false],
    ['once all of them have ended', base, ['api', 'web'], true],
    ['at once when none needs it', { name: 'alone' }, [], true],
  ])('%s', (_, image, ended, may) => {
    expect(mayPrune(image, images, new Set(ended))).toBe(may);
  });
});

describe('why an image stays for good', () => {
  const built = { id: `sha256:${ID}` };
  it.each([
    ['it was there before, by its id, whatever its form', [[ID, true]], false, 'it was in the engine before this run'],
    ['a tag that pointed elsewhere is no reason', [['cd'.repeat(32), true]], false, undefined],
    ['nameless images of others are none, where they are left alone', [['cd'.repeat(32), false]], false, undefined],
    [
      'nameless images of others are one, where they would be taken along',
      [['cd'.repeat(32), false]],
      true,
      'with it the engine could remove nameless images that were there before this run',
    ],
    ['named ones are never taken along', [['cd'.repeat(32), true]], true, undefined],
  ] as const)('%s', (_, before, takesSteps, why) => {
    expect(whyKept(built, new Map(before.map(([id, named]) => [id, { named }])), takesSteps)).toBe(why);
  });
});
