import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { failStep } from '../../src/host/runner.js';
import { showError, showLine, showLog, showWarning } from '../../src/host/step-log.js';
import { HOSTILE } from '../support/hostile-text.js';
import { readAsRunner } from '../support/runner-log.js';

const COMMANDS = [
  '::error::injected',
  '  ::error::injected',
  '\u0085::error::injected',
  '\u3000\u00a0::error::injected',
  'x\r::error::injected',
  'x\n::add-mask::injected',
  'x\r\n::set-output name=a::injected',
  '::stop-commands::injected',
  '::endgroup::',
  'x ##[error]injected',
  '##[add-mask]injected',
  '\x1b[31m::error::injected',
  '\x00::error::injected',
  'x%0A::error::injected',
  '\x1b]0;title\x07::error::injected',
  'x'.repeat(100_000),
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'step-log-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What is printed while `act` runs. */
function printed(act: () => void): Buffer {
  const chunks: Buffer[] = [];
  const write = process.stdout.write;
  process.stdout.write = (chunk: string | Uint8Array) => chunks.push(Buffer.from(chunk as string)) > 0;
  try {
    act();
  } finally {
    process.stdout.write = write;
    process.exitCode = undefined;
  }
  return Buffer.concat(chunks);
}

const names = (log: Buffer) => readAsRunner(log).commands.map(({ name }) => name);

function showFile(content: string | Buffer, title = 'title'): Buffer {
  const path = join(folder, 'log');
  writeFileSync(path, content);
  return printed(() => showLog(title, path));
}

/** Everything that a log can show of a text, and the commands that are meant by it. */
function expectHarmless(text: string): void {
  expect(names(printed(() => showLine(text)))).toEqual([]);
  expect(names(printed(() => showLine(`start: ${text}`)))).toEqual([]);
  expect(names(printed(() => showWarning(text)))).toEqual(['warning']);
  expect(names(printed(() => showError(text, text, { file: text })))).toEqual(['error']);
  expect(names(printed(() => failStep(text)))).toEqual(['error']);
  const log = showFile(text, text);
  const { commands } = readAsRunner(log);
  expect(commands.map(({ name }) => name)).toEqual(['group', 'stop-commands', 'endgroup']);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  expect(log.toString('utf8').replace(/\x1b\[[\d;:]*m/g, '')).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
}

describe('the step log', () => {
  it.each([...HOSTILE, ...COMMANDS])('runs no command out of %j', (text) => {
    expectHarmless(text);
  });

  it('runs no command out of any text', () => {
    const nasty = fc.oneof(
      fc.string({
        unit: fc.constantFrom(...':#[]\r\n \t\x1b%0Aem\u0085\u2028\x00'.split(''), '::error::', '##[error]'),
      }),
      fc.string({ unit: 'binary' }),
      fc
        .tuple(fc.string({ unit: 'binary' }), fc.constantFrom(...COMMANDS))
        .map(([before, command]) => before + command),
    );
    fc.assert(fc.property(nasty, expectHarmless), { numRuns: 10_000 });
  }, 60_000);

  it('cannot be told the token that turns commands on again', () => {
    const tokens = new Set(
      Array.from(
        { length: 100 },
        () => readAsRunner(showFile('x')).commands.find(({ name }) => name === 'stop-commands')?.data,
      ),
    );
    expect(tokens.size).toBe(100);
    const [token] = tokens;
    expect(names(showFile(`::${token}::\n::error::injected`))).toEqual(['group', 'stop-commands', 'endgroup']);
  });

  it('keeps the words and colours of a build, and resets what it left open', () => {
    const log = showFile(
      '\x1b[1;31mred\x1b[2J\x1b[5;5H\r\nprogress 1%\rprogress 2%\nlink \x1b]8;;http://x\x07text\ttab',
    );
    const { lines } = readAsRunner(log);
    expect(lines).toEqual(['\x1b[1;31mred', 'progress 1%', 'progress 2%', 'link text\ttab\x1b[0m', '']);
  });

  it('shows invalid UTF-8 as such, and of a line without an end no more than of any log', () => {
    expect(showFile(Buffer.from([0x61, 0xff, 0xc3, 0x0a, 0xe2, 0x82])).toString()).toContain('a\ufffd\ufffd\n\ufffd');
    const long = showFile(Buffer.alloc(8 * 2 ** 20, 'x'));
    expect(long.length).toBeLessThan(1.1 * 2 ** 20);
    expect(long.toString()).toMatch(/bytes are left out here/);
  });
});
