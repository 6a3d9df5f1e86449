import { buildImages } from '../../src/build/run.js';
import { settingsOf } from '../../src/build/settings.js';
import type { HandOff } from '../../src/handoff/hand-off.js';
import { NO_HISTORY } from '../../src/history/history.js';
import { createBuildEffects } from '../../src/host/build-effects.js';
import { createClock } from '../../src/host/clock.js';
import { findEngine } from '../../src/host/engine-search.js';
import { createRunFolder, disk } from '../../src/host/run-folder.js';
import { prepareSampling } from '../../src/host/sampling.js';
import { chooseScratchPath, createScratchFolder } from '../../src/host/scratch-folder.js';
import { provideSecrets } from '../../src/host/secret-files.js';
import { readInputs } from '../../src/inputs/read.js';
import type { JournalEvent } from '../../src/journal/events.js';
import { findNeeds } from '../../src/plan/needs.js';
import { planImages } from '../../src/plan/plan.js';
import type { PrivateEngine } from './private-engines.js';

/** Builds images on a real engine within this process, and hands them over to what a test says, which the bundle cannot. */
export async function runInProcess(
  engine: Pick<PrivateEngine, 'env' | 'inputs'>,
  { workspace, report }: { workspace: string; report: string },
  images: object[],
  handOffs: HandOff[],
  given: Record<string, string> = {},
): Promise<JournalEvent[]> {
  const set: Record<string, string> = {
    images: JSON.stringify(images),
    'retry-min-timeout': '500ms',
    'retry-max-timeout': '1s',
    // What it needs to be right; the hand-offs are the test's own.
    archive: 'images',
    ...engine.inputs,
    ...given,
  };
  const before = { ...process.env };
  Object.assign(process.env, engine.env);
  const scratchPath = chooseScratchPath();
  const { inputs, problems } = readInputs((name) => set[name] ?? '');
  const place = { workspace, disk, environment: process.env, scratch: scratchPath };
  const needs = await findNeeds(inputs, { ...place, read: () => undefined });
  const planned = planImages(inputs, place, needs);
  if (problems.length + planned.problems.length > 0)
    throw new Error(JSON.stringify([...problems, ...planned.problems]));
  const scratch = createScratchFolder(scratchPath);
  const folder = createRunFolder(report, workspace, () => {});
  try {
    const { signal } = new AbortController();
    const now = createClock();
    const events: JournalEvent[] = [];
    const record = (event: JournalEvent) => events.push(event);
    const found = await findEngine(inputs, planned.plan.images, signal);
    const { sampler, startSampling } = prepareSampling(now);
    const settings = settingsOf(inputs, { limit: inputs.maxParallel === 'auto' ? 2 : inputs.maxParallel });
    const effects = createBuildEffects({
      engine: found,
      images: planned.plan.images,
      archived: undefined,
      history: { now: () => NO_HISTORY },
      folder,
      scratch,
      secrets: provideSecrets([], scratch),
      sampler,
      now,
      record,
      signal,
      settings,
      time: () => undefined,
    });
    const building = buildImages(planned.plan.images, settings, { ...effects, handOffs });
    const sampling = startSampling({ engine: found, events, record });
    await building;
    await sampling.stop();
    return events;
  } finally {
    folder.close();
    scratch.remove();
    for (const name of Object.keys(engine.env)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
}
