import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomFrom } from '../../bench/soak-random.mjs';
import { prepareKubernautLike } from '../../demo/kubernaut-like.mjs';
import { runBundle } from '../support/bundle-run.js';
import { executedAgain, executedSteps, markedStep } from '../support/executed-steps.js';
import { clientWords, localStorage, type PrivateEngine } from '../support/private-engines.js';
import { privatePodman } from '../support/private-podman.js';
import { writeImage } from '../support/workload.js';

const IMAGES = ['a', 'b', 'c', 'd', 'e'];
const COMMON = ['one', 'two', 'three'];
const OWN = [1, 2, 3];
const CRASHES = 5;

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

/** Images that have their leading steps in common, each with a context of its own. */
const family = () =>
  IMAGES.map((name) =>
    writeImage(workspace, name, [
      ...COMMON.map((step) => markedStep(step, 0.4)),
      ...OWN.map((step) => markedStep(`${name}${step}`, 0.4)),
    ]),
  );
const every = [...COMMON, ...IMAGES.flatMap((name) => OWN.map((step) => `${name}${step}`))].sort();

/** Builds an image as an earlier run would have done, so that the engine has all its layers. */
function buildBefore(on: PrivateEngine, image: string): void {
  const { status, stderr } = spawnSync(
    clientWords(on)[0] as string,
    [
      ...clientWords(on).slice(1),
      'build',
      ...(on.inputs['engine'] === 'buildah' ? ['--layers'] : []),
      '--network=none',
      join(workspace, image),
    ],
    { encoding: 'utf8', env: { ...process.env, ...on.env } },
  );
  if (status !== 0) throw new Error(stderr);
}

/** Does something so many times, with random waits between, until the returned function is called. */
function again(times: number, act: () => Promise<void>, waitMs: () => number): () => Promise<void> {
  let left = times;
  const done = (async () => {
    while (left > 0) {
      await sleep(waitMs());
      if (left > 0) await act();
      left -= 1;
    }
  })();
  return () => {
    left = 0;
    return done;
  };
}

describe('fresh', () => {
  it.each(['podman served', 'buildah'])(
    'executes each step once on %s, whatever crashes, and takes none of an earlier run',
    async (name) => {
      const path = join(folder, 'engine');
      const on = name === 'podman served' ? await privatePodman(path) : localStorage(path, 'buildah');
      engine = on;
      const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
      console.log(`${name}: SEED=${seed}`);
      const random = randomFrom(seed);
      const images = family();
      buildBefore(on, 'a');
      // With less time between, a layer of the first moments can be too old by the time that a retry looks at it.
      await sleep(6_000);
      const crash = async () => {
        on.signal('SIGKILL');
        await on.start();
      };
      const stop = again(CRASHES, crash, () => random.between(1_500, 4_000));
      const run = await runBundle(on, { workspace, temp }, images, {
        fresh: 'true',
        report,
        retries: '20',
        'serial-after': '50',
        'max-parallel': '3',
      }).finally(stop);
      expect(run.outputs).toMatchObject({ result: 'success' });
      expect(Number(run.outputs['incidents'])).toBeGreaterThan(1);
      const executed = executedSteps(report, run.events);
      expect(executedAgain(executed)).toEqual([]);
      // Each of them, also those of the image that an earlier run had built.
      expect([...new Set(executed.map(({ marker }) => marker))].sort()).toEqual(every);
    },
  );

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
