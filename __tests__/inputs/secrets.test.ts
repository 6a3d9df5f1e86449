import { describe, expect, it } from '@jest/globals';
import { parseImageSecret } from '../../src/inputs/secrets.js';
import { read } from './reading.js';

const secretsOf = (given: Record<string, string>) => {
  const { inputs, problems } = read(given);
  expect(problems).toEqual([]);
  return inputs.secrets;
};
const value = (text: string) => ({ kind: 'value', value: text });

describe('secrets', () => {
  it.each<[string, string, object]>([
    ['of one line each', 'a=1234\nb=x=y\n\n', { a: value('1234'), b: value('x=y') }],
    [
      'that hold commas, quotes and spaces',
      'a=1,2\nb=say "so"\nc= x ',
      {
        a: value('1,2'),
        b: value('say "so"'),
        c: value(' x '),
      },
    ],
    [
      'of several lines in quotes',
      'a=1\n"key=line 1\nline 2\n"\nb=2',
      {
        a: value('1'),
        key: value('line 1\nline 2\n'),
        b: value('2'),
      },
    ],
    ['with a doubled quote within quotes', '"a={""k"": 1}"', { a: value('{"k": 1}') }],
    ['with Windows line ends', 'a=1\r\nb=2\r\n', { a: value('1'), b: value('2') }],
    [
      'under any id',
      '__proto__=x\nA_b-c.d=y',
      Object.fromEntries([
        ['__proto__', value('x')],
        ['A_b-c.d', value('y')],
      ]),
    ],
  ])('are read %s', (_, text, expected) => {
    expect(Object.entries(secretsOf({ secrets: text }))).toEqual(Object.entries(expected));
  });

  it('come from the environment and from files, too', () => {
    expect(secretsOf({ 'secret-envs': 'a=TOKEN, b=OTHER\nc=THIRD', 'secret-files': 'd=keys/a,b.pem\n e=/x' })).toEqual({
      a: { kind: 'env', name: 'TOKEN' },
      b: { kind: 'env', name: 'OTHER' },
      c: { kind: 'env', name: 'THIRD' },
      d: { kind: 'file', path: 'keys/a,b.pem' },
      e: { kind: 'file', path: '/x' },
    });
  });

  it.each<[string, Record<string, string>, string]>([
    ['without an id', { secrets: 'hunter2hunter2' }, 'secrets: seen "an entry of 14 characters", expected id=value'],
    ['with an id that could be a flag', { secrets: '--x=hunter2hunter2' }, 'secrets: seen "an entry of'],
    ['with a comma in the id', { secrets: 'a,src=hunter2hunter2' }, 'secrets: seen "an entry of'],
    ['without a value', { secrets: 'a=' }, 'secrets: seen "a=…", expected id=value with a value'],
    ['in a quote that does not end', { secrets: 'a=1\n"b=hunter2hunter2' }, 'secrets: seen "a double quote'],
    [
      'of one id twice',
      { secrets: 'a=hunter2hunter2', 'secret-envs': 'a=X' },
      'secret-envs: seen "a", expected each id once',
    ],
    ['out of a variable that cannot be one', { 'secret-envs': 'a=hunter2-hunter2' }, 'secret-envs: seen "a=…"'],
    ['out of no file', { 'secret-files': 'a=' }, 'secret-files: seen "a=…", expected id=path'],
  ])('are refused %s, and never shown', (_, given, expected) => {
    const { problems } = read(given);
    expect(problems).toEqual([expect.stringContaining(expected)]);
    expect(problems.join()).not.toContain('hunter2');
  });
});

describe('the secrets of an image', () => {
  it.each([
    ['npm', { id: 'npm' }],
    ['id=npm,env=NPM_TOKEN', { id: 'npm', source: { kind: 'env', name: 'NPM_TOKEN' } }],
    ['type=env,id=npm,env=NPM_TOKEN', { id: 'npm', source: { kind: 'env', name: 'NPM_TOKEN' } }],
    ['id=aws, src=keys/aws', { id: 'aws', source: { kind: 'file', path: 'keys/aws' } }],
    ['type=file,id=aws,source=keys/a=b', { id: 'aws', source: { kind: 'file', path: 'keys/a=b' } }],
    ['id=npm', undefined],
    ['env=NPM_TOKEN', undefined],
    ['id=npm,env=A,src=b', undefined],
    ['id=npm,env=A,env=B', undefined],
    ['id=npm,env=A,mode=0400', undefined],
    ['id=npm,env=A,type=file', undefined],
    ['-npm', undefined],
    ['', undefined],
  ])('%j is %j', (text, expected) => {
    expect(parseImageSecret(text)).toEqual(expected);
  });

  it('that cannot be read are problems of the image, without what may be a value', () => {
    const { problems } = read({
      images: '[{name: a, secrets: [npm, "id=hunter2", "hunter2, hunter2"]}, {name: b, secrets: {npm: hunter2}}]',
    });
    expect(problems).toEqual([
      expect.stringContaining('images[0] "a": secrets[1]: seen "id=…", expected the id of one of'),
      expect.stringContaining('images[0] "a": secrets[2]: seen "an entry of 16 characters"'),
      expect.stringContaining('images[1] "b": secrets: seen '),
    ]);
    expect(problems.join()).not.toContain('hunter2');
  });
});
