import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { measureContext } from '../../src/host/context-size.js';
import { imageSpec } from '../support/image-spec-factory.js';

let context: string;
beforeEach(() => {
  context = mkdtempSync(join(tmpdir(), 'context-'));
  mkdirSync(join(context, 'deep', 'er'), { recursive: true });
  writeFileSync(join(context, 'a'), 'x'.repeat(1_000));
  writeFileSync(join(context, 'deep', 'er', 'b'), 'x'.repeat(24));
  symlinkSync('/', join(context, 'deep', 'root'));
});
afterEach(() => rmSync(context, { recursive: true, force: true }));

it('counts the bytes and files of a context folder, and follows no links', async () => {
  const size = await measureContext(imageSpec({ context, file: join(context, 'Containerfile') }));
  expect(size).toEqual({ bytes: 1_024, files: 2, complete: true, ignoreFile: false });
});

it.each(['.dockerignore', '.containerignore', 'Containerfile.dockerignore'])('sees %s', async (name) => {
  writeFileSync(join(context, name), '');
  const size = await measureContext(imageSpec({ context, file: join(context, 'Containerfile') }));
  expect(size).toMatchObject({ ignoreFile: true, files: 3 });
});

it('measures nothing of a context that the engine fetches', async () => {
  expect(await measureContext(imageSpec({ context: 'https://example.invalid/x.git' }))).toBeUndefined();
});
