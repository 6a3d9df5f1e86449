import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomFrom } from '../../bench/soak-random.mjs';
import type { Run } from './bundle-run.js';
import { type Executed, executedSteps, markedStep } from './executed-steps.js';
import { clientWords, type PrivateEngine } from './private-engines.js';
import { writeImage } from './workload.js';

/** What a run of crashes goes on: an engine, a workspace, and the bundled action to run on them. */
export interface FreshWorld {
  engine: PrivateEngine;
  workspace: string;
  /** The report folder of the run. */
  report: string;
  run(images: object[], inputs: Record<string, string>): Promise<Run>;
}

/** The images of such a run, and how often the engine dies in it. */
export interface FreshPlan {
  images: string[];
  /** Markers of the leading steps that all of them have; when there are none, they copy different files too. */
  common: string[];
  /** How many steps each has of its own beside them. */
  own: number;
  /** How long a step takes. */
  stepSeconds: number;
  crashes: number;
  inputs: Record<string, string>;
}

/**
 * Has the engine build the first image, as an earlier run would have done, then builds all of them with the action while
 * the engine is killed at random moments; `SEED` has the moments of a printed seed again. Returns the run, the steps that its
 * attempts executed, and the markers of all steps that there are, sorted.
 */
export async function runCrashing(
  { engine, workspace, report, run }: FreshWorld,
  { images, common, own, stepSeconds, crashes, inputs }: FreshPlan,
): Promise<{ run: Run; executed: Executed[]; markers: string[] }> {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`SEED=${seed}`);
  const random = randomFrom(seed);
  const ownOf = (image: string) => Array.from({ length: own }, (_, index) => `${image}${index + 1}`);
  const definitions = images.map((image) =>
    writeImage(
      workspace,
      image,
      [...common, ...ownOf(image)].map((marker) => markedStep(marker, stepSeconds)),
    ),
  );
  if (common.length === 0) {
    for (const image of images) writeFileSync(join(workspace, image, 'rootfs', 'name'), image);
  }
  buildBefore(engine, join(workspace, images[0] as string));
  // With less time between, a layer of the first moments can be too old by the time that a retry looks at it.
  await sleep(6_000);
  const crash = async () => {
    engine.signal('SIGKILL');
    await engine.start();
  };
  const stop = again(crashes, crash, () => random.between(1_500, 4_000));
  const ran = await run(definitions, { retries: '20', 'serial-after': '50', 'max-parallel': '3', ...inputs }).finally(
    stop,
  );
  return {
    run: ran,
    executed: executedSteps(report, ran.events),
    markers: [...common, ...images.flatMap(ownOf)].sort(),
  };
}

/** The markers of steps that were executed, each once, sorted. */
export function markersOf(executed: readonly Executed[]): string[] {
  return [...new Set(executed.map(({ marker }) => marker))].sort();
}

/** Builds a context without the action, so that the engine has all its layers. */
function buildBefore({ inputs, env }: PrivateEngine, context: string): void {
  const [file = '', ...words] = clientWords({ inputs });
  const layers = inputs['engine'] === 'buildah' ? ['--layers'] : [];
  const { status, stderr } = spawnSync(
    file,
    [...words, 'build', ...layers, ...(inputs['extra-args'] ?? '').split(' '), context],
    { encoding: 'utf8', env: { ...process.env, ...env } },
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
