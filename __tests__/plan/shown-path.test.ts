import { describe, expect, it } from '@jest/globals';
import { shownPath } from '../../src/plan/shown-path.js';

describe('a path that is shown', () => {
  it.each([
    ['/work/repo/api/Containerfile', 'api/Containerfile'],
    ['/work/repo/..hidden/Containerfile', '..hidden/Containerfile'],
    ['/work/repository/Containerfile', '/work/repository/Containerfile'],
    ['/work/Containerfile', '/work/Containerfile'],
    ['/elsewhere/Containerfile', '/elsewhere/Containerfile'],
  ])('%s is %s', (path, shown) => {
    expect(shownPath(path, '/work/repo')).toBe(shown);
  });
});
