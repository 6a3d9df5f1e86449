import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { formatCommand } from '../../src/engine/command-line.js';
import { scriptJson } from '../../src/report/html/script-json.js';
import { code, codeHtml, fence, text } from '../../src/report/markdown.js';
import { mermaidName } from '../../src/report/mermaid-text.js';
import { element, xmlText } from '../../src/report/xml.js';
import { HOSTILE } from '../support/hostile-text.js';

const RUNS = { numRuns: 10_000 };
const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({
    unit: fc.constantFrom(...'<>&"\'`|\\[]()!@#:;/*_~$%{}-=.\n\r\t \x1b\x00\u2028'.split('')),
    maxLength: 60,
  }),
  fc.constantFrom(...HOSTILE, ']]>', '<!--', '-->', '</script>', '<![CDATA['),
);

describe('escapers', () => {
  it('make XML of any text', () => {
    fc.assert(
      fc.property(nasty, nasty, (attribute, content) => {
        const parser = new SaxesParser();
        const tags: string[] = [];
        parser.on('opentag', ({ name }) => void tags.push(name));
        parser.on('error', (error) => {
          throw error;
        });
        parser.write(`<a>${element('b', { x: attribute }, xmlText(content))}</a>`).close();
        expect(tags).toEqual(['a', 'b']);
      }),
      RUNS,
    );
  }, 60_000);

  it('make JSON within a script element of any value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), nasty, (value, untrusted) => {
        const json = scriptJson([value, untrusted]);
        expect(json).not.toMatch(/<|\u2028|\u2029/);
        const back: unknown = JSON.parse(json);
        expect(back).toEqual(JSON.parse(JSON.stringify([value, untrusted])));
      }),
      RUNS,
    );
  }, 60_000);

  it('make names of a diagram, code spans, HTML and fences of any text', () => {
    fc.assert(
      fc.property(nasty, (untrusted) => {
        expect(mermaidName(untrusted, 40)).not.toMatch(/[:;#%"<>{}[\]\n\r]/);
        expect(codeHtml(untrusted)).toMatch(/^<code>[^<>"]*<\/code>$/);
        expect(code(untrusted)).not.toMatch(/[\n\r]/);
        expect(text(untrusted)).not.toMatch(/[\n\r<>]/);
        const lines = fence(untrusted).trimEnd().split('\n');
        const ticks = /^`+/.exec(lines[0] ?? '')?.[0] ?? '';
        expect(lines.slice(1, -1).some((line) => line.trim().startsWith(ticks))).toBe(false);
      }),
      RUNS,
    );
  }, 60_000);

  const hasShell = process.platform === 'win32' ? it.skip : it;
  hasShell('make a line for a shell out of any arguments, which gives them back as they are', () => {
    const argument = nasty.map((untrusted) => Buffer.from(untrusted.replaceAll('\0', '')).toString('utf8'));
    const commands = fc.sample(fc.array(argument, { minLength: 1, maxLength: 20 }), 500);
    const script = commands
      .map((args) => formatCommand({ file: 'printf', args: ['%s\\0', ...args, 'END'], env: {} }))
      .join('\n');
    const { stdout, stderr } = spawnSync('/bin/sh', [], { input: script, encoding: 'utf8', maxBuffer: 2 ** 28 });
    expect(stderr).toBe('');
    expect(stdout.split('\0').slice(0, -1)).toEqual(commands.flatMap((args) => [...args, 'END']));
  });
});
