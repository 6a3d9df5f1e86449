import { type FileHandle, mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes a text file whole, by way of a hidden file beside it; makes the folder when it is missing. */
export async function writeWhole(path: string, part: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(part, text, { flag: 'wx', flush: true });
    await putInPlace(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** Gives a file that is on the disk its name: who opens it sees the old file or the new one, also after a power cut. */
export async function putInPlace(part: string, path: string): Promise<void> {
  await rename(part, path);
  let folder: FileHandle | undefined;
  try {
    folder = await open(dirname(path), 'r');
    await folder.sync();
  } catch {
    // Not every system can do that with a folder.
  } finally {
    await folder?.close();
  }
}
