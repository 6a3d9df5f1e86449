import { resolve } from 'node:path';
import { LINK_OUT, linkOut } from '../inputs/disk.js';
import type { ArchiveInput, Problem } from '../inputs/inputs.js';
import type { ImageSpec } from './image-spec.js';
import type { Place } from './location.js';

/** What is wrong with archiving these images into this folder. */
export function archiveProblems(
  archive: ArchiveInput | undefined,
  images: readonly ImageSpec[],
  { workspace, disk }: Place,
): Problem[] {
  if (archive === undefined) return [];
  const path = resolve(workspace, archive.folder);
  const real = linkOut(path, [workspace], disk);
  const several = images.filter(({ platforms }) => platforms.length > 1);
  return [
    ...(real === undefined ? [] : [{ where: 'archive', seen: archive.folder, ...LINK_OUT(real) }]),
    ...(disk.isFile(path) ? [{ where: 'archive', seen: archive.folder, expected: 'a folder, or nothing yet' }] : []),
    ...several.map(({ name, platforms }) => ({
      where: `image "${name}": platforms`,
      seen: platforms.join(', '),
      expected: 'at most one platform, as an archive holds an image of one',
    })),
  ];
}
