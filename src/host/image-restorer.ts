import { join } from 'node:path';
import { createRestorer, NO_RESTORING, type Restorer } from '../build/restorer.js';
import type { RunSettings } from '../build/settings.js';
import type { Answer, Engine, Question } from '../engine/engine.js';
import { scopeName } from '../history/scope.js';
import type { JournalEvent } from '../journal/events.js';
import type { ArchiveSource } from '../plan/archive-source.js';
import { withBases } from '../plan/image-key.js';
import type { ImageSpec } from '../plan/image-spec.js';
import { timer } from './clock.js';
import { historyFolder } from './history-files.js';
import { historyScope } from './history-scope.js';
import { createImageLook } from './image-look.js';
import { createImageStore } from './image-store.js';

/** What of earlier runs the images of this one can be taken from: nothing, unless that was asked for. */
export function restorerFor(of: {
  engine: Engine;
  images: readonly ImageSpec[];
  /** Where the images are to be loaded from; absent: they are built. */
  archived: ReadonlyMap<string, ArchiveSource> | undefined;
  settings: RunSettings;
  ask(question: Question): Promise<Answer>;
  now(): number;
  record(event: JournalEvent): void;
  signal: AbortSignal;
}): Restorer {
  const { restore } = of.settings;
  if (restore === undefined || of.archived !== undefined) return NO_RESTORING;
  const look = createImageLook({ ...of, builder: restore.builder, environment: process.env });
  try {
    const folder = join(historyFolder(scopeName(historyScope(restore.engine))), 'images');
    return createRestorer({ ...of, look, keyOf: withBases, timer, store: createImageStore(folder) });
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    of.record({ type: 'warning', at: of.now(), message: `no image of an earlier run is reused: ${said}` });
    return NO_RESTORING;
  }
}
