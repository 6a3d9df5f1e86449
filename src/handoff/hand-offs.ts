import type { Engine } from '../engine/engine.js';
import type { LoadTarget } from '../inputs/inputs.js';
import { clusterLoad } from './cluster-load.js';
import type { HandOff } from './hand-off.js';

/** Where built images go. */
export interface HandOffSettings {
  /** Clusters that images are loaded into. */
  load: readonly LoadTarget[];
}

/** All that images go to, in the order in which they go there. `environment` is the process's own. */
export function handOffsOf(
  settings: HandOffSettings,
  engine: Engine,
  environment: Record<string, string | undefined>,
): HandOff[] {
  return settings.load.map((target) => clusterLoad(target, engine, environment));
}
