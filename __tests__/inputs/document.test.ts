import { describe, expect, it } from '@jest/globals';
import { readDocument } from '../../src/inputs/document.js';

const findProblems = (text: string) => readDocument('images', text).problems;
const readValue = (text: string) => readDocument('images', text).value;

describe('readDocument', () => {
  it('reads YAML and JSON alike', () => {
    const expected = [
      new Map<string, unknown>([
        ['name', 'api'],
        ['tags', ['a', 'b']],
      ]),
    ];
    expect(readValue('- name: api\n  tags: [a, b]')).toEqual(expected);
    expect(readValue('[{"name": "api", "tags": ["a", "b"]}]')).toEqual(expected);
  });

  it.each([
    ['a version with a zero at its end', '1.20'],
    ['a number too big to be one', '12345678901234567890'],
    ['a hexadecimal number', '0x10'],
    ['a number with leading zeros', '007'],
    ['a boolean', 'True'],
    ['a quoted number', '"1.20"'],
  ])('keeps %s as it was written', (_, text) => {
    expect(readValue(`[${text}]`)).toEqual([text.replaceAll('"', '')]);
  });

  it('keeps nulls apart from empty text', () => {
    expect(readValue('[null, ~, "", "null"]')).toEqual([null, null, '', 'null']);
  });

  it('keeps the order of keys that look like numbers', () => {
    expect([...(readValue('b: x\n2: x\n1: x') as Map<string, unknown>).keys()]).toEqual(['b', '2', '1']);
  });

  it('keeps a key that objects treat as their prototype', () => {
    expect(readValue('{"__proto__": "x"}')).toEqual(new Map([['__proto__', 'x']]));
  });

  it('resolves anchors and merge keys', () => {
    const text = 'a: &base {pull: true}\nb: {<<: *base, target: x}\nc: *base';
    const base = new Map([['pull', 'true']]);
    expect(readValue(text)).toEqual(
      new Map([
        ['a', base],
        ['b', new Map([...base, ['target', 'x']])],
        ['c', base],
      ]),
    );
  });

  it('names line and column of a syntax error, with the line', () => {
    expect(findProblems('- name: api\n  tags: [a\n- name: b')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          where: expect.stringMatching(/^images, line [23], column \d+$/),
          expected: 'valid YAML or JSON',
        }),
      ]),
    );
  });

  it('names line and column of every duplicate key', () => {
    expect(findProblems('api: a\nweb: b\napi: c\n"web": d')).toEqual([
      { where: 'images, line 3, column 1', seen: 'api: c', expected: 'each key once', hint: '"api" is there already' },
      {
        where: 'images, line 4, column 1',
        seen: '"web": d',
        expected: 'each key once',
        hint: '"web" is there already',
      },
    ]);
  });

  it.each([
    ['a JSON key twice', '{"a": "1", "a": "2"}'],
    ['a number and its text', '{1: x, "1": y}'],
    ['two spellings of null', '{~: x, null: y}'],
    ['a list as key', '? [a, b]\n: c'],
    ['an alias as key', 'a: &x y\n*x : z'],
    ['an anchor that is not there', 'a: *nope'],
    ['several documents', 'a: b\n---\nc: d'],
    ['tabs for indentation', 'a:\n\tb: c'],
    ['nesting beyond any use', '['.repeat(20_000)],
    ['nesting beyond any use, in blocks', '- '.repeat(20_000)],
    ['more text than any set of images has', `a: ${'x'.repeat(2 * 1024 * 1024)}`],
  ])('reports %s', (_, text) => {
    expect(findProblems(text).length).toBeGreaterThan(0);
  });

  it.each([
    ['a list that holds itself', '&a [*a]'],
    ['few aliases of something large', `- &a [${'x,'.repeat(20_000)}]\n${'- *a\n'.repeat(20)}`],
    ['more values than any set of images has', `[${'x,'.repeat(300_000)}]`],
  ])('refuses %s', (_, text) => {
    expect(findProblems(text)).toEqual([expect.objectContaining({ expected: expect.stringContaining('at most') })]);
  });

  it.each([
    ['aliases of aliases', (level: number) => `[${Array(10).fill(`*a${level}`).join(',')}]`],
    ['merges of merges', (level: number) => `{<<: [${Array(10).fill(`*a${level}`).join(',')}]}`],
  ])('refuses a bomb of %s', (_, of) => {
    const levels = Array.from({ length: 9 }, (_, level) => `a${level + 1}: &a${level + 1} ${of(level)}`);
    expect(findProblems(['a0: &a0 {x: y}', ...levels].join('\n'))).toHaveLength(1);
  });
});
