import { expectedMs } from '../history/expectations.js';
import type { History } from '../history/history.js';
import type { EngineFacts, JournalEvent } from '../journal/events.js';
import type { Plan } from '../plan/plan.js';
import { firstLane, laneMode } from '../schedule/lane.js';
import type { RunSettings } from './settings.js';

/** The journal's first event: what is to be built, on what, and how it may be built. */
export function runStarted(of: {
  at: number;
  version: string;
  engine: EngineFacts;
  plan: Pick<Plan, 'images' | 'files' | 'archived'>;
  /** What is known of earlier runs by now. */
  history: History;
  settings: RunSettings;
  host: { platform: string; cpus: number; memoryBytes: number };
  folder: string;
}): JournalEvent {
  const { at, version, engine, plan, history, settings, host, folder } = of;
  const { images, files, archived } = plan;
  const lane = firstLane(settings.maxParallel, settings.serialAfter);
  return {
    type: 'run-started',
    at,
    schema: 1,
    version,
    engine,
    images: images.map(({ name, tags, needs }) => {
      const file = files.get(name);
      const ms = expectedMs(history, engine, name);
      return {
        name,
        tags,
        ...(file === undefined ? {} : { file }),
        ...(needs.length === 0 ? {} : { needs }),
        ...(ms === undefined ? {} : { expectedMs: ms }),
      };
    }),
    lane: lane.limit,
    mode: laneMode(lane),
    ...(settings.laneWhy === undefined ? {} : { laneWhy: settings.laneWhy }),
    ...(settings.laneLearnt === undefined ? {} : { laneLearnt: settings.laneLearnt }),
    retries: settings.retry.retries,
    serialAfter: settings.serialAfter,
    host,
    folder,
    ...(archived === undefined ? {} : { loads: true }),
  };
}
