import { readFileSync, statSync } from 'node:fs';
import type { DefinitionEffects } from '../inputs/definitions/source.js';
import { CancelledError } from './engine-search.js';
import { markOf } from './orphans.js';
import { askByCommand } from './process.js';
import { disk } from './run-folder.js';

/** As much as a document of images may hold; no definition file that people write is longer. */
const MOST_BYTES = 2 * 1024 * 1024;

/** What reading definition files does to the world. A tool that is asked throws CancelledError when the run is cancelled. */
export function definitionEffects(workspace: string, scratch: string, signal: AbortSignal): DefinitionEffects {
  return {
    workspace,
    disk,
    environment: process.env,
    read: readDefinition,
    ask: async ({ file, args }, limitMs) => {
      const command = { file, args, env: markOf(scratch), folder: workspace };
      const answer = await askByCommand(command, limitMs, signal);
      if (signal.aborted) {
        throw new CancelledError(`cancelled (${String(signal.reason)}) while definition files were read`);
      }
      return answer;
    },
  };
}

function readDefinition(path: string): { text: string } | { failure: string } {
  try {
    const stats = statSync(path);
    // A pipe would be waited for without end.
    if (!stats.isFile()) return { failure: `${path} is no plain file` };
    if (stats.size > MOST_BYTES) return { failure: `it has ${stats.size} bytes, and ${MOST_BYTES} are the most` };
    return { text: readFileSync(path, 'utf8') };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { failure: `${path} cannot be read (${code ?? 'unknown error'})` };
  }
}
