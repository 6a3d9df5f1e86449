// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of compose
import { describe, expect, it } from '@jest/globals';
import { interpolate } from '../../../src/inputs/definitions/interpolate.js';

const VARIABLES: Record<string, string> = { SET: 'set', EMPTY: '', DOLLAR: '$SET' };

function fill(text: string) {
  const unset: string[] = [];
  const filled = interpolate(
    text,
    (name) => VARIABLES[name],
    (name) => unset.push(name),
  );
  return { filled, unset };
}

describe('interpolate', () => {
  it.each([
    ['no variable', 'plain {text}', 'plain {text}'],
    ['a bare variable', 'a $SET-b', 'a set-b'],
    ['a variable in braces', '${SET}x', 'setx'],
    ['a variable that is empty', '<${EMPTY}>', '<>'],
    ['two dollar signs', '$$SET $${SET} $$$SET', '$SET ${SET} $set'],
    ['a value with a dollar sign, which is no variable', '${DOLLAR}', '$SET'],
    ['a default of what is set', '${SET:-x}${SET-x}', 'setset'],
    ['a default of what is empty', '${EMPTY:-x}|${EMPTY-x}', 'x|'],
    ['a default of what is unset', '${NONE:-x y}|${NONE-}', 'x y|'],
    ['another text for what is set', '${SET:+x}${SET+y}', 'xy'],
    ['another text for what is empty', '<${EMPTY:+x}|${EMPTY+y}>', '<|y>'],
    ['another text for what is unset', '<${NONE:+x}${NONE+y}>', '<>'],
    ['what is required and set', '${SET:?no}${EMPTY?no}', 'set'],
    ['a default within a default', '${NONE:-${NONE:-${SET}}}', 'set'],
    ['a variable within another text', '${SET:+a$SET}b', 'asetb'],
    ['a default with braces and signs', '${NONE:-http://x:80/?a=b}', 'http://x:80/?a=b'],
    ['a default with a dollar sign', '${NONE:-$$5}', '$5'],
  ])('fills in %s', (_, text, filled) => {
    expect(fill(text)).toEqual({ filled, unset: [] });
  });

  it('tells which variables have neither value nor default', () => {
    expect(fill('$NONE ${OTHER} ${SET:-$UNUSED}')).toEqual({ filled: '  set', unset: ['NONE', 'OTHER', 'UNUSED'] });
  });

  it.each([
    ['a dollar sign before something else', 'cost: $5', 'begins no variable: write "$$"'],
    ['a dollar sign at the end', 'x$', 'begins no variable'],
    ['a brace without an end', '${SET', 'neither "}" nor one of'],
    ['a default without an end', '${NONE:-x', 'has no "}"'],
    ['an operator of the shell alone', '${SET/a/b}', 'neither "}" nor one of'],
    ['braces without a name', '${}', 'begins no variable'],
    ['what is required and unset', '${NONE?}', 'the variable NONE is not set: it is required'],
    [
      'what is required and empty, in the words of the file',
      '${EMPTY:?set it in $SET}',
      'EMPTY is not set: set it in set',
    ],
    ['nesting beyond any use', '${A:-'.repeat(30), 'nested in more than 20'],
  ])('refuses %s', (_, text, message) => {
    expect(() => fill(text)).toThrow(message);
  });

  it('bounds what variables make of a text', () => {
    const long = 'x'.repeat(100_000);
    expect(() =>
      interpolate(
        '$A'.repeat(1_000),
        () => long,
        () => {},
      ),
    ).toThrow('more than 2097152 characters');
  });
});
