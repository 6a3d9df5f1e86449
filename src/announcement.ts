import { runStarted } from './build/run-started.js';
import { type RunSettings, settingsOf } from './build/settings.js';
import { startLane } from './build/start-lane.js';
import type { Engine } from './engine/engine.js';
import { askWithinLimit } from './host/build-effects.js';
import type { LoadingHistory } from './host/history-loading.js';
import { machine, ownShare } from './host/machine.js';
import type { Inputs } from './inputs/inputs.js';
import type { JournalEvent } from './journal/events.js';
import type { Plan } from './plan/plan.js';
import { VERSION } from './version.js';

/**
 * Settles how the run builds, by its inputs and by what is known of earlier runs at this moment, and opens its journal with
 * that. Nothing may be recorded before.
 */
export async function announceRun(of: {
  inputs: Inputs;
  plan: Plan;
  engine: Engine;
  history: LoadingHistory;
  /** Absolute path of the report folder. */
  folder: string;
  warnings: readonly string[];
  now(): number;
  record(event: JournalEvent): void;
}): Promise<RunSettings> {
  const { inputs, plan, engine, now, record } = of;
  await of.history.inTime();
  const known = { images: plan.images, engine, history: of.history.now(), host: machine() };
  const settings = settingsOf(
    inputs,
    await startLane(inputs.maxParallel, { ...known, host: ownShare(), ask: askWithinLimit }),
  );
  const { folder } = of;
  record(runStarted({ ...known, at: now(), version: VERSION, engine: engine.facts, plan, settings, folder }));
  of.history.tell({ engine: engine.facts, images: plan.images, record, now });
  for (const message of of.warnings) record({ type: 'warning', at: now(), message });
  return settings;
}
