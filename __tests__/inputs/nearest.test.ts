import { describe, expect, it } from '@jest/globals';
import { nearestImageKey } from '../../src/inputs/image-keys.js';
import { nearest } from '../../src/inputs/nearest.js';

describe('nearest', () => {
  const names = ['api', 'web', 'worker', 'worker-2', 'migrations'];

  it.each([
    ['a letter too few', 'workr', 'worker'],
    ['a letter too many', 'apii', 'api'],
    ['a wrong letter', 'wab', 'web'],
    ['two letters swapped', 'migratoins', 'migrations'],
    ['capitals', 'API', 'api'],
    ['the closer of two', 'worker-3', 'worker-2'],
  ])('finds the word behind %s', (_, word, meant) => {
    expect(nearest(word, names)).toBe(meant);
  });

  it.each([
    ['another word', 'database'],
    ['a short word that only shares a letter', 'wxy'],
    ['an empty word', ''],
    ['a very long word', 'w'.repeat(10_000)],
  ])('finds nothing for %s', (_, word) => {
    expect(nearest(word, names)).toBeUndefined();
  });
});

describe('nearestImageKey', () => {
  it.each([
    ['a typing slip', 'contxt', 'context'],
    ['a singular', 'tag', 'tags'],
    ['camelCase', 'buildArgs', 'build-args'],
    ['snake_case', 'no_cache', 'no-cache'],
    ["bake's dockerfile", 'dockerfile', 'file'],
    ["bake's args", 'args', 'build-args'],
    ["bake's contexts", 'contexts', 'build-contexts'],
    ['a word of no tool', 'ports', undefined],
    ['a name that every object has', 'constructor', undefined],
  ])('suggests the key for %s', (_, key, meant) => {
    expect(nearestImageKey(key)).toBe(meant);
  });
});
