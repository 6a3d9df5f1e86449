import { join } from 'node:path';
import { createRestorer, NO_RESTORING, type Restorer, type RestorerEffects } from '../build/restorer.js';
import type { RunSettings } from '../build/settings.js';
import type { ArchiveFiles } from '../handoff/archive-files.js';
import { scopeName } from '../history/scope.js';
import type { ArchiveSource } from '../plan/archive-source.js';
import { withBases } from '../plan/image-key.js';
import type { ImageSpec } from '../plan/image-spec.js';
import { toldOfCacheService } from './cache-service.js';
import { timer } from './clock.js';
import { historyFolder } from './history-files.js';
import { historyScope } from './history-scope.js';
import { createImageArchives } from './image-archives.js';
import { createImageLook } from './image-look.js';
import { createImageStore } from './image-store.js';
import { markOf } from './orphans.js';

/** What of earlier runs the images of this one can be taken from: nothing, unless that was asked for. */
export function restorerFor(
  of: Omit<RestorerEffects, 'look' | 'keyOf' | 'store' | 'archives' | 'timer'> & {
    images: readonly ImageSpec[];
    /** Where the images are to be loaded from; absent: they are built. */
    archived: ReadonlyMap<string, ArchiveSource> | undefined;
    settings: RunSettings;
    files: ArchiveFiles;
    /** Path of a folder that is removed at the end. */
    scratch: string;
  },
): Restorer {
  const { restore } = of.settings;
  if (restore === undefined || of.archived !== undefined) return NO_RESTORING;
  const archives = toldOfCacheService(process.env)
    ? createImageArchives({ ...of, folder: of.scratch, mark: markOf(of.scratch) })
    : undefined;
  const look = createImageLook({
    ...of,
    builder: restore.builder,
    environment: process.env,
    signal: of.over,
    // Without a service nothing can be known of an image that is on a base which is not here.
    ...(archives === undefined ? {} : { work: of.work }),
  });
  try {
    const folder = join(historyFolder(scopeName(historyScope(restore.engine))), 'images');
    return createRestorer({ ...of, archives, look, keyOf: withBases, timer, store: createImageStore(folder) });
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    of.record({ type: 'warning', at: of.now(), message: `no image of an earlier run is reused: ${said}` });
    return NO_RESTORING;
  }
}
