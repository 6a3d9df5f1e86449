import * as z from 'zod';

/** The name of the list of what is in a folder of archives. */
export const ARCHIVE_INDEX = 'images.json';

const sha256 = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const entry = z.object({
  name: z.string().min(1).max(1_000),
  tags: z.array(z.string().min(1).max(1_000)).min(1).max(1_000),
  /** As the engine showed it that built the image. */
  id: sha256,
  /** Of the config: the id in podman, buildah, and docker without containerd's image store. */
  config: sha256,
  /** Of the manifest in the archive's index: the id in docker with containerd's image store. */
  digest: sha256,
  /** Of the file: whether it has docker's manifest.json. */
  format: z.enum(['docker', 'oci']),
  /** Beside the list; a name, no path. */
  file: z.string().regex(/^[\w%-][\w%.-]{0,254}$/),
  bytes: z.number().int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
const archiveIndex = z.object({ version: z.literal(1), images: z.array(entry).max(10_000) });

/** An image, the file that holds it, and what that file is. */
export type IndexedImage = z.infer<typeof entry>;

/** The list as a file. */
export function formatArchiveIndex(images: readonly IndexedImage[]): string {
  return `${JSON.stringify({ version: 1, images }, null, 2)}\n`;
}

/** Reads the list; a string says what is wrong with it. */
export function parseArchiveIndex(text: string): IndexedImage[] | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'it is no JSON';
  }
  const parsed = archiveIndex.safeParse(value);
  if (parsed.success) return parsed.data.images;
  const { path = [], message = '' } = parsed.error.issues[0] ?? {};
  return `${path.join('.')}: ${message}`;
}
