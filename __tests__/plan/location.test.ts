import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { disk } from '../../src/host/run-folder.js';
import { readInputs } from '../../src/inputs/read.js';
import { planImages } from '../../src/plan/plan.js';
import { NO_NEEDS } from './disk.js';

let folder: string;
let workspace: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'location-')));
  workspace = join(folder, 'workspace');
  for (const path of ['workspace/api', 'workspace/shared', 'outside/other']) {
    mkdirSync(join(folder, path), { recursive: true });
    writeFileSync(join(folder, path, 'Containerfile'), 'FROM scratch\n');
  }
  writeFileSync(join(folder, 'outside/key'), 'hunter2hunter2');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const link = (to: string, path: string) => symlinkSync(to, join(workspace, path));

function plan(image: object, given: Record<string, string> = {}, at = workspace) {
  const { inputs } = readInputs(
    (name) => ({ images: JSON.stringify([{ name: 'a', ...image }]), ...given })[name] ?? '',
  );
  const { plan: planned, problems } = planImages(
    inputs,
    { workspace: at, disk, environment: {}, scratch: '/scratch' },
    NO_NEEDS,
  );
  return {
    warnings: planned.warnings,
    problems: problems.map(({ where, hint }) => `${where}: ${(hint ?? '').replaceAll(folder, '…')}`),
  };
}
const FINE = { warnings: [], problems: [] };

describe('a path', () => {
  it('within the workspace is taken, also through links that stay in it, or when the workspace is one', () => {
    link('api', 'linked');
    link('../shared/Containerfile', 'api/Shared');
    expect(plan({ context: 'linked' })).toEqual(FINE);
    expect(plan({ context: 'api', file: 'api/Shared' })).toEqual(FINE);
    symlinkSync(workspace, join(folder, 'checkout'));
    expect(plan({ context: 'api' }, {}, join(folder, 'checkout'))).toEqual(FINE);
  });

  it('that is written as one that leaves the workspace is taken, and reported with where it leads', () => {
    const outside = join(folder, 'outside/other');
    expect(plan({ context: '../outside/other' })).toEqual({
      problems: [],
      warnings: [`image "a": context "../outside/other" is outside of the workspace: ${outside}`],
    });
    expect(plan({ context: 'api', file: join(outside, 'Containerfile') }).warnings).toHaveLength(1);
    expect(plan({ context: 'api', 'build-contexts': { x: outside } })).toEqual({
      problems: [],
      warnings: [expect.stringContaining('build-contexts.x')],
    });
  });

  it('that a link takes out of the workspace is refused', () => {
    link('../outside/other', 'linked');
    symlinkSync('../../outside/other/Containerfile', join(workspace, 'shared/Linked'));
    rmSync(join(workspace, 'api/Containerfile'));
    symlinkSync('../../outside/other/Containerfile', join(workspace, 'api/Containerfile'));
    const hint = (path: string) => `a symbolic link leads to …/outside/${path}: write that path if it is meant`;
    expect(plan({ context: 'linked' }).problems).toEqual([`images[0] "a": context: ${hint('other')}`]);
    expect(plan({ context: 'shared', file: 'shared/Linked' }).problems).toEqual([
      `images[0] "a": file: ${hint('other/Containerfile')}`,
    ]);
    // One that is found in the context by itself, too.
    expect(plan({ context: 'api' }).problems).toEqual([`images[0] "a": file: ${hint('other/Containerfile')}`]);
    expect(plan({ context: 'shared', 'build-contexts': { x: 'linked' } }).problems).toEqual([
      `images[0] "a": build-contexts.x: ${hint('other')}`,
    ]);
    link('../outside/key', 'key');
    expect(plan({ context: 'shared' }, { 'secret-files': 'k=key' }).problems).toEqual([
      `secret-files: k: ${hint('key')}`,
    ]);
  });
});
