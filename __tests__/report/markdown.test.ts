import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { code, codeCell, codeHtml, fence, tableRow, text } from '../../src/report/markdown.js';
import { HOSTILE } from '../support/hostile-text.js';

/** Strings that are likely to hold what markdown means something by. */
const nasty = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'`|\\<>[]()!@#:/*_~$&-=1.w \n\r\t\u202e\u2028aé😀'.split('')), maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(...HOSTILE),
);

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

function expectPlain(markdown: string): void {
  const unescaped = markdown.replace(/\\[!-/:-@[-`{-~]/g, '').replace(/&(?:amp|lt|gt);/g, '');
  expect(unescaped).not.toMatch(/[\\`*_[\]~|$#<>&]/);
  expect(markdown).not.toMatch(/^(?:[-+=]|\d+[.)](?:\s|$))/);
  const rendered = markdown.replace(/\\(?=[!-/:-@[-`{-~])/g, '');
  expect(rendered).not.toMatch(/@\w|:\/\/|\bwww\.|#\d|\bGH-\d|:[\w+-]+:/i);
  expect(markdown).not.toMatch(CONTROL);
}

function expectCodeSpan(markdown: string): void {
  const [, ticks = '', content = ''] = /^(`+)(.*?)\1$/s.exec(markdown) ?? [];
  expect(ticks).not.toBe('');
  const runs = (content.match(/`+/g) ?? []).map((run) => run.length);
  expect(runs).not.toContain(ticks.length);
  expect(content).not.toMatch(/^`|`$/);
  expect(markdown).not.toMatch(CONTROL);
}

describe('untrusted text in markdown', () => {
  it.each(HOSTILE)('is nothing but text in a sentence: %j', (untrusted) => {
    expectPlain(text(untrusted));
  });

  it('is nothing but text in a sentence, whatever it is', () => {
    fc.assert(fc.property(nasty, (untrusted) => expectPlain(text(untrusted))));
  });

  it('is one code span, whatever it is', () => {
    fc.assert(
      fc.property(nasty, (untrusted) => {
        const markdown = code(untrusted);
        if (markdown !== '(empty)') expectCodeSpan(markdown);
      }),
    );
  });

  it('stays in its cell, whatever it is', () => {
    fc.assert(
      fc.property(nasty, nasty, (one, two) => {
        const row = tableRow([codeCell(one), text(two), 'end']);
        expect(row.match(/\n/g)).toHaveLength(1);
        // One backslash before a pipe escapes it for every parser, and so do three: two do not for all of them.
        const bare = row.replace(/(?<!\\)(?:\\\\)*\\\|/g, '');
        expect(bare.match(/\|/g)).toHaveLength(4);
      }),
    );
  });

  it('does not end the fence that it is in', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(nasty, fc.constantFrom('```', '````', '~~~', '  ``` '))), (lines) => {
        const [open = '', ...rest] = fence(lines.join('\n')).trimEnd().split('\n');
        const ticks = /^`+/.exec(open)?.[0] ?? '';
        expect(rest.at(-1)).toBe(ticks);
        for (const line of rest.slice(0, -1)) expect(line).not.toContain(ticks);
      }),
    );
  });

  it('is no HTML in the title of a folded block', () => {
    expect(codeHtml('</code><img src="x">&')).toBe('<code>&lt;/code&gt;&lt;img src=&quot;x&quot;&gt;&amp;</code>');
  });

  it('stays readable when it is harmless', () => {
    expect(text('Error: server probably quit: unexpected EOF (exit 125)')).toBe(
      'Error: server probably quit: unexpected EOF (exit 125)',
    );
    expect(code('registry.example/api:e2e')).toBe('`registry.example/api:e2e`');
    expect(codeCell('a|b')).toBe('`a\\|b`');
    expect(code('')).toBe('(empty)');
  });

  it('is cut when it is long, between characters', () => {
    expect(code('😀'.repeat(50), 10)).toBe(`\`${'😀'.repeat(9)}…\``);
    expect(text('x'.repeat(100_000_000), 10)).toBe(`${'x'.repeat(9)}…`);
  });
});
