import type { Engine } from '../engine/engine.js';
import { type ArchiveSettings, archiveHandOff } from './archive.js';
import type { HandOff } from './hand-off.js';
import { registryPush } from './push.js';

/** Where a run's built images go; what is absent is not asked for. */
export interface HandOffSettings {
  archive?: ArchiveSettings;
  /** Whether any image is pushed; each says for itself. */
  push: boolean;
}

/** The hand-offs of a run, in the order in which each image goes through them. */
export function handOffsOf({ archive, push }: HandOffSettings, engine: Engine): HandOff[] {
  return [...(archive === undefined ? [] : [archiveHandOff(archive, engine)]), ...(push ? [registryPush(engine)] : [])];
}
