import { existsSync } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ContextSize } from '../journal/events.js';
import type { ImageSpec } from '../plan/image-spec.js';

/** A larger folder is not counted to its end: that it is huge is known by then. */
const MOST_FILES = 200_000;
const MOST_MS = 5_000;

/**
 * What an image's context folder holds, links not followed; undefined when the context is no folder of this machine, or when
 * the signal aborts. Ignore files: https://docs.docker.com/build/concepts/context/#dockerignore-files and podman-build(1).
 */
export async function measureContext(
  { context, file }: ImageSpec,
  signal?: AbortSignal,
): Promise<ContextSize | undefined> {
  if (!existsSync(context)) return undefined;
  const until = Date.now() + MOST_MS;
  const size: ContextSize = { bytes: 0, files: 0, complete: true, ignoreFile: hasIgnoreFile(context, file) };
  const folders = [context];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    try {
      for await (const entry of await opendir(folder)) {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) folders.push(path);
        else if (entry.isFile()) {
          size.bytes += (await lstat(path)).size;
          size.files += 1;
        }
        if (signal?.aborted) return undefined;
        if (size.files >= MOST_FILES || Date.now() > until) return { ...size, complete: false };
      }
    } catch {
      // A folder that vanished, or that we may not read: the engine's client may not either.
      size.complete = false;
    }
  }
  return size;
}

function hasIgnoreFile(context: string, file: string | undefined): boolean {
  const own = file === undefined ? [] : [join(dirname(file), `${basename(file)}.dockerignore`)];
  return [join(context, '.dockerignore'), join(context, '.containerignore'), ...own].some((path) => existsSync(path));
}
