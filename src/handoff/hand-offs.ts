import type { Engine } from '../engine/engine.js';
import type { HandOff } from './hand-off.js';
import { registryPush } from './push.js';

/** Where a run's built images go; what is absent is not asked for. */
export interface HandOffSettings {
  /** Whether any image is pushed; each says for itself. */
  push: boolean;
}

/** The hand-offs of a run, in their order: archive, push, load. */
export function handOffsOf(settings: HandOffSettings, engine: Engine): HandOff[] {
  return settings.push ? [registryPush(engine)] : [];
}
