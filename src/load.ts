import { resolve } from 'node:path';
import { createArchiveFiles } from './host/archive-files.js';
import { readArchiveFolder } from './host/archive-folder.js';
import { CancelledError } from './host/engine-search.js';
import { loadHistory } from './host/history-loading.js';
import { cancelSignal, handOver, input, workspace } from './host/runner.js';
import { chooseScratchPath, createScratchFolder } from './host/scratch-folder.js';
import { readLoadInputs } from './inputs/load.js';
import { refuse } from './inputs/problems.js';
import { run } from './main.js';
import { planLoad } from './plan/load-plan.js';

/**
 * The action that loads a folder of archives: what is in it is checked before anything is loaded, and the rest goes as with
 * builds. Throws on bad inputs and on archives that are not what they should be, or when no engine answers.
 */
export async function load(): Promise<void> {
  const { inputs, problems } = readLoadInputs(input);
  refuse(problems);
  const signal = cancelSignal();
  const scratch = chooseScratchPath();
  const folder = resolve(workspace(), inputs.path);
  const found = await readArchiveFolder(folder, createArchiveFiles(workspace(), scratch), signal).catch((error) => {
    if (signal.aborted) throw new CancelledError(`cancelled (${String(signal.reason)}) before the archives were read`);
    throw error;
  });
  const { plan, problems: unknown } = planLoad(found.sources, inputs.images, inputs.run.timeoutMs);
  refuse([...found.problems, ...unknown]);

  handOver.saveScratch(scratch);
  const own = createScratchFolder(scratch);
  // With the cache off there is none.
  const history = loadHistory(inputs.run, scratch, signal);
  const clean = await run(inputs.run, { ...plan, warnings: found.warnings }, own, history, signal).finally(own.remove);
  if (clean) handOver.markFinished();
}
