import type { Engine } from '../engine/engine.js';
import { type ArchiveSettings, archiveHandOff } from './archive.js';
import type { HandOff } from './hand-off.js';

/** Where built images go. */
export interface HandOffSettings {
  archive?: ArchiveSettings;
}

/** All that built images are handed over to, in the order in which that is done. */
export function handOffsOf({ archive }: HandOffSettings, engine: Engine): HandOff[] {
  return archive === undefined ? [] : [archiveHandOff(archive, engine)];
}
