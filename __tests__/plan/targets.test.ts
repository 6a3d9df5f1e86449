import { describe, expect, it } from '@jest/globals';
import type { ImageInput } from '../../src/inputs/inputs.js';
import { describeProblem } from '../../src/inputs/problems.js';
import { matches, selectImages } from '../../src/plan/targets.js';

const IMAGES: ImageInput[] = [
  { name: 'base' },
  { name: 'api' },
  { name: 'api-docs' },
  { name: 'site', isOptional: true, groups: ['web', 'all'] },
  { name: 'lib', isOptional: true, groups: ['all'] },
  { name: 'odd*name' },
];
/** As `findNeeds` would tell it of these images. */
const NEEDS: Record<string, string[]> = { api: ['base'], 'api-docs': ['site'], site: ['lib'] };
const needsOf = (name: string) => NEEDS[name] ?? [];
const select = (...targets: string[]) => {
  const { selected, problems } = selectImages(IMAGES, targets, needsOf);
  return { names: [...selected].sort(), problems: problems.map(describeProblem) };
};

describe('selectImages', () => {
  it.each<[string, string[], string[]]>([
    ['all but the optional, and what those need', [], ['api', 'api-docs', 'base', 'lib', 'odd*name', 'site']],
    ['a name with what it needs', ['api'], ['api', 'base']],
    ['a name with what its contexts need, and what that needs', ['api-docs'], ['api-docs', 'lib', 'site']],
    ['a pattern', ['api*'], ['api', 'api-docs', 'base', 'lib', 'site']],
    ['a pattern of one character', ['li?', 'bas?'], ['base', 'lib']],
    ['a name that is a pattern too', ['odd*name'], ['odd*name']],
    ['a group', ['web'], ['lib', 'site']],
    ['a pattern of groups', ['al?'], ['lib', 'site']],
    ['a name twice', ['base', 'base'], ['base']],
  ])('picks %s', (_, targets, names) => {
    expect(select(...targets)).toEqual({ names, problems: [] });
  });

  it.each([
    ['an unknown name', 'apy', 'targets: seen "apy", expected the name of an image; did you mean "api"?'],
    ['an unknown group', 'wep', 'targets: seen "wep", expected the name of an image; did you mean "web"?'],
    [
      'a pattern that nothing fits',
      'apy*',
      'targets: seen "apy*", expected a pattern that the name of an image fits; did you mean "api"?',
    ],
    ['a pattern like nothing', 'zzzzzz*', 'targets: seen "zzzzzz*", expected a pattern that the name of an image fits'],
  ])('reports %s', (_, target, problem) => {
    expect(select(target)).toEqual({ names: [], problems: [problem] });
  });

  it('reports that nothing is built by default', () => {
    const { problems } = selectImages([{ name: 'a', isOptional: true }], [], needsOf);
    expect(problems.map(describeProblem)).toEqual([
      'targets: seen nothing, expected names of images, as none is built by default',
    ]);
  });

  it('ends when images need each other', () => {
    expect(selectImages([{ name: 'a' }, { name: 'b' }], ['a'], (name) => [name === 'a' ? 'b' : 'a']).selected).toEqual(
      new Set(['a', 'b']),
    );
  });
});

describe('matches', () => {
  it.each([
    ['*', '', true],
    ['a*', 'a', true],
    ['*a*b', 'xaxbxb', true],
    ['a?c', 'abc', true],
    ['a?', 'a', false],
    ['*a', 'ab', false],
    ['a', 'ab', false],
    ['', 'a', false],
    ['**', 'x', true],
  ])('tells whether %j fits %j: %p', (pattern, name, fits) => {
    expect(matches(pattern, name)).toBe(fits);
  });

  it('takes no longer for a pattern of many stars', () => {
    expect(matches(`${'*a'.repeat(200)}b`, 'a'.repeat(300))).toBe(false);
  });
});
