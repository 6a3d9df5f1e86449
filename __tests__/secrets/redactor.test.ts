import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createRedactor, NO_SECRETS } from '../../src/secrets/redactor.js';

const TOKEN = 'ghp_s3cr3tT0ken/With+Signs=';
const PEM = `-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n+abcDEFghiJKLmnoPQRstuVWXyz012345\n-----END PRIVATE KEY-----\n`;

const redactor = (...values: string[]) => createRedactor(values.map((value) => Buffer.from(value)));

/** What a stream gives back for these chunks. */
function through(chunks: readonly (string | Buffer)[], ...values: string[]): string {
  const stream = redactor(...values).stream();
  const given = chunks.map((chunk) => stream.push(Buffer.from(chunk as string)));
  return Buffer.concat([...given, stream.end()]).toString('utf8');
}

const base64 = (text: string) => Buffer.from(text).toString('base64');
const wrap = (text: string, columns: number, prefix = '') =>
  (text.match(new RegExp(`.{1,${columns}}`, 'gs')) ?? []).map((line) => prefix + line).join('\n');

describe('a secret in an output', () => {
  it.each([
    ['as it is', `token: ${TOKEN}.`],
    ['twice in a row', `${TOKEN}${TOKEN}`],
    ['in base64', `echo ${base64(TOKEN)} | base64 -d`],
    ['in base64 with something before it', base64(`x${TOKEN}`)],
    ['in base64 with more before it', base64(`Authorization: Bearer ${TOKEN}`)],
    ['in base64 with something behind it', base64(`user:${TOKEN}@host`)],
    ['in base64 for URLs', Buffer.from(`??${TOKEN}>>`).toString('base64url')],
    ['broken over lines', wrap(TOKEN, 5)],
    ['broken over CRLF lines', wrap(TOKEN, 5).replaceAll('\n', '\r\n')],
    ['in base64 and broken over lines', wrap(base64(`some words before ${TOKEN} and some behind`), 10)],
    ['broken over lines of BuildKit', wrap(TOKEN, 6, '#12 0.345 ')],
    ['in base64 and broken over lines of BuildKit', wrap(base64(`some words before ${TOKEN}`), 12, '#7 12.001 ')],
    ['in a URL', `https://x:${encodeURIComponent(TOKEN)}@example.com`],
    ['in JSON', JSON.stringify({ token: `${TOKEN}` })],
  ])('is gone: %s', (_, output) => {
    const redacted = through([output], TOKEN);
    expect(redacted).toContain('***');
    const bare = redacted.replace(/[\r\n]|#\d+ [\d.]+ /g, '');
    for (const form of [TOKEN, base64(TOKEN).slice(0, 20), encodeURIComponent(TOKEN)]) expect(bare).not.toContain(form);
    expect(Buffer.from(bare, 'base64').toString()).not.toContain(TOKEN.slice(0, 12));
  });

  it('is gone when it has many lines, whole, line by line, indented, and in JSON', () => {
    const [, first = '', second = ''] = PEM.split('\n');
    const outputs = [PEM, PEM.replaceAll('\n', '\n    '), JSON.stringify(PEM), `line: ${first}\nother: ${second}`];
    for (const output of outputs) {
      const redacted = through([output], PEM);
      expect(redacted).not.toContain(first);
      expect(redacted).not.toContain(second.slice(0, 16));
    }
  });

  it('leaves everything else as it was, byte for byte', () => {
    const other = `#12 0.345 ghp_s3cr3t\n#13\n# ghp_\r\n\n${TOKEN.slice(0, -1)}\n\xff`;
    expect(through([other], TOKEN)).toBe(other);
    const before = `a\nghp_${wrap('0123456789', 3, '#12 0.345 ')}`;
    expect(through([before, ' ', TOKEN, ' z'], TOKEN)).toBe(`${before} *** z`);
  });

  it('is one mark, also where two secrets overlap or one holds the other', () => {
    expect(through(['x abcdefgh y'], 'abcdef', 'cdefgh')).toBe('x *** y');
    expect(through(['x abcdefgh y'], 'abcdefgh', 'cdef')).toBe('x *** y');
    expect(through(['x abcdefg y'], 'abcdefgh', 'cdef')).toBe('x ab***g y');
    expect(through(['abcd1abcd2'], 'abcd')).toBe('***1***2');
  });

  it('is not looked for when it is too short to tell anything', () => {
    expect(through(['a1b a1b'], 'a1b')).toBe('a1b a1b');
    expect(redactor('', '\n')).toBe(NO_SECRETS);
  });

  it('is gone wherever the chunks are cut, and the rest comes out whole', () => {
    const output = `before\n${TOKEN}\nmiddle ${base64(TOKEN)}\n${wrap(TOKEN, 4, '#3 1.5 ')}\n#4 end\n#`;
    const whole = through([output], TOKEN);
    fc.assert(
      fc.property(fc.array(fc.nat(output.length), { maxLength: 12 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), output.length];
        const chunks = at.slice(1).map((cut, index) => output.slice(at[index], cut));
        expect(through(chunks, TOKEN)).toBe(whole);
      }),
      { numRuns: 2_000 },
    );
    expect(whole.match(/\*\*\*/g)).toHaveLength(3);
  });

  it('is gone whatever the secret is, and whatever stands around it', () => {
    const secret = fc.string({ unit: 'binary', minLength: 8, maxLength: 40 }).filter((text) => text.trim().length >= 8);
    const around = fc.string({ unit: fc.constantFrom(...'ab#1 .\n\r*'.split('')), maxLength: 20 });
    fc.assert(
      fc.property(secret, around, around, fc.nat(60), (value, before, behind, cut) => {
        const output = Buffer.from(`${before}${value}${behind}`);
        const redacted = through([output.subarray(0, cut), output.subarray(cut)], value);
        const wanted = Buffer.from(value).toString('utf8').trim();
        expect(redacted.replace(/[\r\n]/g, '')).not.toContain(wanted.replace(/[\r\n]/g, ''));
        const head = Buffer.from(before).toString('utf8');
        expect(redacted.startsWith(head) || redacted.length < head.length + 10).toBe(true);
      }),
      { numRuns: 10_000 },
    );
  });

  it('costs linear time, also for a large secret and an output that almost is one', () => {
    const large = Buffer.alloc(400_000, 'abcdefghij0123456789').toString();
    const began = performance.now();
    const stream = redactor(large, TOKEN).stream();
    for (let index = 0; index < 40; index += 1) stream.push(Buffer.from(large.slice(7, 200_000)));
    stream.end();
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});

describe('a value with texts in it', () => {
  it('is the same but for its secrets, at every depth', () => {
    const value = { type: 'x', list: [TOKEN, 1, null, { deep: `a ${TOKEN}` }], none: undefined, yes: true };
    expect(redactor(TOKEN).value(value)).toEqual({
      type: 'x',
      list: ['***', 1, null, { deep: 'a ***' }],
      none: undefined,
      yes: true,
    });
  });
});
