import type { Engine } from '../engine/engine.js';
import type { LoadTarget } from '../inputs/inputs.js';
import { type ArchiveSettings, archiveHandOff } from './archive.js';
import { clusterLoad } from './cluster-load.js';
import type { HandOff } from './hand-off.js';
import { registryPush } from './push.js';

/** Where a run's built images go; what is absent is not asked for. */
export interface HandOffSettings {
  archive?: ArchiveSettings;
  /** Whether any image is pushed; each says for itself. */
  push: boolean;
  /** Clusters that images are loaded into. */
  load: readonly LoadTarget[];
}

/** The hand-offs of a run, in the order in which each image goes through them. `environment` is the process's own. */
export function handOffsOf(
  { archive, push, load }: HandOffSettings,
  engine: Engine,
  environment: Record<string, string | undefined>,
): HandOff[] {
  return [
    ...(archive === undefined ? [] : [archiveHandOff(archive, engine)]),
    ...(push ? [registryPush(engine)] : []),
    ...load.map((target) => clusterLoad(target, engine, environment)),
  ];
}
