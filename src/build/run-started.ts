import type { EngineFacts, JournalEvent } from '../journal/events.js';
import type { ImageSpec } from '../plan/image-spec.js';
import { firstLane, laneMode } from '../schedule/lane.js';
import type { RunSettings } from './settings.js';

/** The journal's first event: what is to be built, on what, and how it may be built. */
export function runStarted(of: {
  at: number;
  version: string;
  engine: EngineFacts;
  images: ImageSpec[];
  /** Of each image its Containerfile as it is shown, where it is at hand. */
  files: ReadonlyMap<string, string>;
  settings: RunSettings;
  host: { platform: string; cpus: number; memoryBytes: number };
  folder: string;
}): JournalEvent {
  const { at, version, engine, images, files, settings, host, folder } = of;
  const lane = firstLane(settings.maxParallel, settings.serialAfter);
  return {
    type: 'run-started',
    at,
    schema: 1,
    version,
    engine,
    images: images.map(({ name, tags, needs }) => {
      const file = files.get(name);
      return { name, tags, ...(file === undefined ? {} : { file }), ...(needs.length === 0 ? {} : { needs }) };
    }),
    lane: lane.limit,
    mode: laneMode(lane),
    retries: settings.retry.retries,
    serialAfter: settings.serialAfter,
    host,
    folder,
  };
}
