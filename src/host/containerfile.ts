import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';

/** No Containerfile that people write is longer. */
const MOST_BYTES = 1024 * 1024;

/** Reads Containerfiles of this workspace; one that is too long, or cannot be read, or is no file, is undefined. */
export function containerfileReader(workspace: string): (file: string) => string | undefined {
  return (file) => {
    const path = resolve(workspace, file);
    try {
      const stats = statSync(path);
      // A pipe would be waited for without end.
      return stats.isFile() && stats.size <= MOST_BYTES ? readFileSync(path, 'utf8') : undefined;
    } catch {
      return undefined;
    }
  };
}

/** How many instructions a Containerfile has, roughly: its lines that begin with a word and do not continue another. */
export function countInstructions(file: string): number | undefined {
  const text = containerfileReader('')(file)?.replace(/\\[ \t]*\r?\n/g, ' ');
  return text?.split('\n').filter((line) => /^\s*[A-Za-z]+\s/.test(line)).length;
}
