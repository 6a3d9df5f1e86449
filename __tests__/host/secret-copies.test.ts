import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { watchSecretCopies } from '../../src/host/secret-copies.js';

let folder: string;
let context: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'copies-'));
  context = join(folder, 'context');
  mkdirSync(context);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const SECRET = Buffer.from('hunter2hunter2');
const put = (path: string, content: string | Buffer) => writeFileSync(join(folder, path), content);
const left = () => readdirSync(folder, { recursive: true }).map(String).sort();

describe('copies of secrets that a build left', () => {
  it('are removed in its context and beside it when it has ended, and nothing else is', () => {
    const ended = watchSecretCopies([SECRET])(context);
    put('context/podman-build-secret123', SECRET);
    put('podman-build-secret-456', SECRET);
    put('context/podman-build-secret789', 'somebody else wrote this');
    put('context/secret', SECRET);
    ended();
    expect(left()).toEqual(['context', 'context/podman-build-secret789', 'context/secret']);
  });

  it('stay as long as another build goes on in the same context, as they may be its own', () => {
    const begins = watchSecretCopies([SECRET]);
    const [first, second] = [begins(context), begins(context)];
    put('context/podman-build-secret123', SECRET);
    first();
    expect(left()).toContain('context/podman-build-secret123');
    second();
    expect(left()).toEqual(['context']);
  });
});
