import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { describeProblem, InputError, showValue, whereImage } from '../../src/inputs/problems.js';

describe('describeProblem', () => {
  it('says where, what was seen and what was expected', () => {
    const problem = { where: 'max-parallel', seen: 'zero', expected: 'a whole number of at least 1' };
    expect(describeProblem(problem)).toBe('max-parallel: seen "zero", expected a whole number of at least 1');
  });

  it('ends with the next step', () => {
    const problem = { where: 'targets', seen: 'apu', expected: 'the name of an image', hint: 'did you mean "api"?' };
    expect(describeProblem(problem)).toMatch(/an image; did you mean "api"\?$/);
  });

  it('says nothing for an empty value', () => {
    expect(describeProblem({ where: 'images', seen: '', expected: 'images' })).toBe(
      'images: seen nothing, expected images',
    );
  });

  it.each([
    ['a newline that would begin a workflow command', 'a\n::set-env name=X::', 'a\\n::set-env name=X::'],
    ['a carriage return', 'a\r##[error]', 'a\\r##[error]'],
    ['a terminal escape', 'a\u001b[31m', 'a\\u{1b}[31m'],
    ['a NUL', 'a\0', 'a\\u{0}'],
    ['a line separator', 'a\u2028b', 'a\\u{2028}b'],
    ['text that reads backwards', 'a\u202eb', 'a\\u{202e}b'],
    ['half an emoji', 'a\ud83d', 'a\\u{d83d}'],
  ])('makes %s visible', (_, seen, shown) => {
    expect(describeProblem({ where: 'x', seen, expected: 'y' })).toBe(`x: seen "${shown}", expected y`);
  });

  it('leaves emoji and other scripts alone', () => {
    expect(describeProblem({ where: 'x', seen: 'café 👩‍👩‍👧 服务', expected: 'y' })).toContain('"café 👩‍👩‍👧 服务"');
  });

  it('is one short line whatever it is given', () => {
    const text = fc.string({ unit: 'binary', maxLength: 2_000 });
    fc.assert(
      fc.property(text, text, text, (where, seen, hint) => {
        const line = describeProblem({ where, seen, expected: 'y', hint });
        expect(line).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029]/u);
        expect(line.length).toBeLessThan(10_000);
      }),
    );
  });
});

describe('InputError', () => {
  it('lists every problem on a line of its own', () => {
    const problems = [
      { where: 'retries', seen: '-1', expected: 'a whole number of at least 0' },
      { where: 'timeout', seen: 'soon', expected: 'a duration' },
    ];
    const error = new InputError(problems);
    expect(error).toBeInstanceOf(Error);
    expect(error.problems).toEqual(problems);
    expect(error.message.split('\n')).toEqual(problems.map(describeProblem));
  });
});

describe('whereImage', () => {
  it('names the image by its place and name', () => {
    expect(whereImage(1, 'api')).toBe('images[1] "api"');
  });

  it('has the place alone for an image without a name', () => {
    expect(whereImage(0, '')).toBe('images[0]');
  });
});

describe('showValue', () => {
  it.each<[string, unknown, string]>([
    ['text as it is', 'a "b"', 'a "b"'],
    ['null', null, 'null'],
    ['what is not there', undefined, ''],
    ['a list', ['a', null, ['b'], new Map()], '[a, null, […], {…}]'],
    [
      'a map',
      new Map<unknown, unknown>([
        ['a', 'b'],
        ['c', []],
      ]),
      '{a: b, c: […]}',
    ],
    ['a long list', ['1', '2', '3', '4', '5', '6', '7'], '[1, 2, 3, 4, 5, … 2 more]'],
  ])('shows %s', (_, value, shown) => {
    expect(showValue(value)).toBe(shown);
  });

  it('does not follow a list that holds itself', () => {
    const list: unknown[] = [];
    list.push(list);
    expect(showValue(list)).toBe('[[…]]');
  });
});
