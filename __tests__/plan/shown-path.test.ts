import { describe, expect, it } from '@jest/globals';
import { shownPath } from '../../src/plan/shown-path.js';

describe('a path that is shown', () => {
  it.each([
    ['/ws/repo/api/Containerfile', 'api/Containerfile'],
    ['/ws/repo/..hidden/Containerfile', '..hidden/Containerfile'],
    ['/ws/repository/Containerfile', '/ws/repository/Containerfile'],
    ['/ws/Containerfile', '/ws/Containerfile'],
    ['/elsewhere/Containerfile', '/elsewhere/Containerfile'],
  ])('%s is %s', (path, shown) => {
    expect(shownPath(path, '/ws/repo')).toBe(shown);
  });
});
