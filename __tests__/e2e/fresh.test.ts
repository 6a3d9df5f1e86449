import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { prepareKubernautLike } from '../../demo/kubernaut-like.mjs';
import { runBundle } from '../support/bundle-run.js';
import { executedAgain } from '../support/executed-steps.js';
import { type FreshWorld, markersOf, runCrashing } from '../support/fresh-run.js';
import { localStorage, type PrivateEngine } from '../support/private-engines.js';
import { privatePodman } from '../support/private-podman.js';

let folder: string;
let workspace: string;
let temp: string;
let report: string;
let engine: PrivateEngine | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'e2e-fresh-'));
  [workspace, temp, report] = ['workspace', 'temp', 'report'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [workspace, temp]) mkdirSync(path);
});
afterEach(async () => {
  await engine?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The engine of a test, in the folder that goes with it. */
async function crashWorld(open: (folder: string) => PrivateEngine | Promise<PrivateEngine>): Promise<FreshWorld> {
  const on = await open(join(folder, 'engine'));
  engine = on;
  const run: FreshWorld['run'] = (images, inputs) => runBundle(on, { workspace, temp }, images, { report, ...inputs });
  return { engine: on, workspace, report, run };
}

describe('fresh', () => {
  it.each<[string, (folder: string) => PrivateEngine | Promise<PrivateEngine>]>([
    ['podman served', privatePodman],
    ['buildah', (path) => localStorage(path, 'buildah')],
  ])('executes each step once on %s, whatever crashes, and takes none of an earlier run', async (_, open) => {
    const { run, executed, markers } = await runCrashing(await crashWorld(open), {
      images: ['a', 'b', 'c', 'd', 'e'],
      common: ['one', 'two', 'three'],
      own: 3,
      stepSeconds: 0.4,
      crashes: 5,
      inputs: { fresh: 'true' },
    });
    expect(run.outputs).toMatchObject({ result: 'success' });
    expect(Number(run.outputs['incidents'])).toBeGreaterThan(1);
    expect(executedAgain(executed)).toEqual([]);
    // Each of them, also those of the image that an earlier run had built.
    expect(markersOf(executed)).toEqual(markers);
  });

  it('executes what the images of examples/kubernaut-like have in common once', async () => {
    const on = await privatePodman(join(folder, 'engine'));
    engine = on;
    const { definition, buildArgs } = prepareKubernautLike(join(process.cwd(), 'examples'), workspace);
    // What they compile and copy is nothing to this test.
    const example = join(workspace, 'examples', 'kubernaut-like');
    const models = join(example, 'llm-api', 'models');
    for (const file of readdirSync(models)) writeFileSync(join(models, file), 'small');
    const tools = join(example, 'base', 'rootfs', 'usr', 'bin');
    writeFileSync(join(tools, 'compile'), '#!/bin/sh\nmkdir -p "$(dirname "$3")" && echo "$2" > "$3"\n', {
      mode: 0o755,
    });
    writeFileSync(join(tools, 'fetch'), '#!/bin/sh\nsleep 0.5\n', { mode: 0o755 });
    const run = await runBundle(on, { workspace, temp }, [], {
      images: '',
      files: definition,
      'build-args': buildArgs,
      fresh: 'true',
      report,
      'max-parallel': '4',
    });
    expect(run.outputs).toMatchObject({ result: 'success', incidents: '0' });
    /** How often a step was executed, and how often it was taken from another image; that is told twice. */
    const counted = (text: string) => {
      const told = run.events.filter((event) => event.type === 'step-started' && event.text.includes(text));
      const cached = told.filter((event) => event.type === 'step-started' && event.cached);
      return [told.length - 2 * cached.length, cached.length];
    };
    expect(counted('> /opt/packages/installed')).toEqual([1, 10]);
    expect(counted('COPY go.mod /src/')).toEqual([1, 9]);
    expect(counted('> /go/pkg/modules')).toEqual([1, 9]);
  });
});

describe('no-cache', () => {
  it('has each image execute its steps itself, once, whatever crashes, and takes none of an earlier run', async () => {
    const { run, executed, markers } = await runCrashing(await crashWorld(privatePodman), {
      images: ['a', 'b', 'c', 'd', 'e'],
      common: [],
      own: 5,
      stepSeconds: 0.4,
      crashes: 5,
      inputs: { 'no-cache': 'true' },
    });
    expect(run.outputs).toMatchObject({ result: 'success' });
    expect(Number(run.outputs['incidents'])).toBeGreaterThan(1);
    expect(executedAgain(executed)).toEqual([]);
    expect(markersOf(executed)).toEqual(markers);
  });
});
