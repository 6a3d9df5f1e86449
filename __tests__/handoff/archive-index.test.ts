import { describe, expect, it } from '@jest/globals';
import { formatArchiveIndex, type IndexedImage, parseArchiveIndex } from '../../src/handoff/archive-index.js';

const hex = 'ab'.repeat(32);
const image: IndexedImage = {
  name: 'api',
  tags: ['localhost/api:e2e'],
  id: `sha256:${hex}`,
  config: `sha256:${hex}`,
  digest: `sha256:${hex}`,
  format: 'docker',
  file: 'api.tar.zst',
  bytes: 5,
  sha256: hex,
};
const read = (values: object) => parseArchiveIndex(JSON.stringify({ version: 1, images: [{ ...image, ...values }] }));

describe('the list of a folder of archives', () => {
  it('is read as it was written', () => {
    expect(parseArchiveIndex(formatArchiveIndex([image]))).toEqual([image]);
  });

  it.each<[string, object, RegExp]>([
    ['a path out of the folder', { file: '../../etc/passwd' }, /^images\.0\.file/],
    ['a hidden file', { file: '.api.tar' }, /^images\.0\.file/],
    ['a file in a folder', { file: 'a/b.tar' }, /^images\.0\.file/],
    ['an id that is none', { id: 'latest' }, /^images\.0\.id/],
    ['no tags', { tags: [] }, /^images\.0\.tags/],
    ['a size below zero', { bytes: -1 }, /^images\.0\.bytes/],
  ])('is refused with %s', (_name, values, message) => {
    expect(read(values)).toMatch(message);
  });

  it('is refused when it is of a later version, or no list at all', () => {
    expect(parseArchiveIndex(JSON.stringify({ version: 2, images: [] }))).toMatch(/^version/);
    expect(parseArchiveIndex('[')).toBe('it is no JSON');
    expect(parseArchiveIndex('null')).toEqual(expect.any(String));
  });
});
