import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hashContext, hashFolder, hashPaths } from '../../src/host/context-hash.js';

const NEVER = new AbortController().signal;

let context: string;
beforeEach(() => {
  context = mkdtempSync(join(tmpdir(), 'context-'));
  mkdirSync(join(context, 'src/deep'), { recursive: true });
  writeFileSync(join(context, 'Containerfile'), 'FROM scratch\nCOPY . /\n');
  writeFileSync(join(context, 'src/a.txt'), 'a');
  writeFileSync(join(context, 'src/deep/b.txt'), 'b');
});
afterEach(() => {
  rmSync(context, { recursive: true, force: true });
});

const hash = async () => (await hashContext(context, join(context, 'Containerfile'), NEVER))?.hash;
const write = (path: string, text: string) => writeFileSync(join(context, path), text);

describe("a context's hash", () => {
  it.each<[string, boolean, () => void]>([
    ['changes with the content of a file', true, () => write('src/a.txt', 'x')],
    ['changes with a new file', true, () => write('src/c.txt', '')],
    ['changes with a new empty folder', true, () => mkdirSync(join(context, 'empty'))],
    ['changes with a permission', true, () => chmodSync(join(context, 'src/a.txt'), 0o755)],
    ['changes with a link', true, () => symlinkSync('a.txt', join(context, 'src/link'))],
    ['does not change with times', false, () => utimesSync(join(context, 'src/a.txt'), 1, 1)],
    ['does not change when a file is written again', false, () => write('src/a.txt', 'a')],
  ])('%s', async (_, changes, act) => {
    const before = await hash();
    act();
    expect((await hash()) !== before).toBe(changes);
  });

  it('tells where one file ends and the next begins', async () => {
    write('src/a.txt', 'ab');
    write('src/deep/b.txt', '');
    const before = await hash();
    write('src/a.txt', 'a');
    write('src/deep/b.txt', 'b');
    expect(await hash()).not.toBe(before);
  });

  it('is that of the folder when the context is a link to it', async () => {
    const link = join(context, '..', `${basename(context)}-link`);
    symlinkSync(context, link);
    try {
      expect((await hashContext(link, undefined, NEVER))?.hash).toBe(await hash());
    } finally {
      rmSync(link);
    }
  });

  it('counts what it has read', async () => {
    expect(await hashContext(context, undefined, NEVER)).toMatchObject({ files: 3, bytes: 24 });
  });

  it.each<[string, string, string, string, boolean]>([
    ['.dockerignore', '.dockerignore', '*.log', 'x.log', false],
    ['.containerignore, which goes before .dockerignore', '.containerignore', 'x', 'x', false],
    ["the Containerfile's own", 'Containerfile.dockerignore', 'logs', 'logs', false],
    ['a pattern that matches in the root only', '.dockerignore', '*.txt', 'src/new.txt', true],
    ['a pattern for every depth', '.dockerignore', '**/*.txt', 'src/new.txt', false],
    ['a comment', '.dockerignore', '# x', 'x', true],
    ['a folder, and all below', '.dockerignore', 'src', 'src/deep/new.txt', false],
    ['an exception below an ignored folder', '.dockerignore', 'src\n!src/deep', 'src/deep/new.txt', true],
  ])('obeys %s', async (_, file, patterns, path, changes) => {
    write(file, patterns);
    const before = await hash();
    write(path, 'new');
    expect((await hash()) !== before).toBe(changes);
  });

  it('is not to be had of a folder that is not there, nor when nobody waits for it any more', async () => {
    expect(await hashContext(join(context, 'none'), undefined, NEVER)).toBeUndefined();
    expect(await hashContext(context, undefined, AbortSignal.abort())).toBeUndefined();
  });
});

describe('a second look at a folder', () => {
  const look = (known?: Awaited<ReturnType<typeof hashFolder>>) => hashFolder(context, undefined, NEVER, known);

  it('takes the answer of the first as long as nothing was touched', async () => {
    const known = await look();
    expect(await look(known)).toBe(known);
  });

  it.each<[string, boolean, () => void]>([
    [
      'a file of the same size and times with another content',
      true,
      () => {
        write('src/a.txt', 'x');
        utimesSync(join(context, 'src/a.txt'), 1, 1);
      },
    ],
    ['another file', true, () => write('src/new.txt', '')],
    ['a file that is gone', true, () => rmSync(join(context, 'src/a.txt'))],
    ['a permission', true, () => chmodSync(join(context, 'src/a.txt'), 0o755)],
    ['a touch that changes nothing', false, () => utimesSync(join(context, 'src/a.txt'), 5, 5)],
  ])('sees %s', async (_, changes, act) => {
    utimesSync(join(context, 'src/a.txt'), 1, 1);
    const known = await look();
    act();
    const again = await look(known);
    expect(again?.stamp).not.toBe(known?.stamp);
    expect(again?.hash !== known?.hash).toBe(changes);
  });
});

describe('the hash of what an instruction copies', () => {
  it('is that of these files alone', async () => {
    const copied = async () => (await hashPaths(context, ['src/deep'], undefined, NEVER))?.hash;
    const before = await copied();
    write('src/a.txt', 'other');
    expect(await copied()).toBe(before);
    write('src/deep/b.txt', 'other');
    expect(await copied()).not.toBe(before);
  });

  it('is the same for the same files in another context', async () => {
    const other = mkdtempSync(join(tmpdir(), 'context-'));
    try {
      mkdirSync(join(other, 'src/deep'), { recursive: true });
      writeFileSync(join(other, 'src/deep/b.txt'), 'b');
      const [one, two] = [context, other].map((at) => hashPaths(at, ['src/deep'], undefined, NEVER));
      expect((await one)?.hash).toBe((await two)?.hash);
    } finally {
      rmSync(other, { recursive: true, force: true });
    }
  });
});
