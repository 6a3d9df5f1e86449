import { resolve } from 'node:path';
import { removePartialArchives } from './host/archive-files.js';
import { keepHistory } from './host/history-keeping.js';
import { keepImages } from './host/image-keeping.js';
import { cleanUpAfterKill } from './host/killed-run.js';
import { removeDeadRuns } from './host/lane-folder.js';
import { endOrphans } from './host/orphans.js';
import { publish } from './host/publication.js';
import { openRunFolder } from './host/run-folder.js';
import { handOver, input, workspace } from './host/runner.js';
import { readContexts, readSecrets, removeScratchFolder } from './host/scratch-folder.js';
import { removeSecretCopies } from './host/secret-copies.js';
import type { Inputs } from './inputs/inputs.js';
import { readLoadInputs } from './inputs/load.js';
import { readInputs } from './inputs/read.js';
import { foldJournal } from './journal/fold.js';
import { parseJournal } from './journal/lines.js';

/** Finishes a run that main could not finish, and keeps what any run taught and built. `loads`: it is the action that loads archives. */
export async function post(loads: boolean): Promise<void> {
  const run = handOver.run();
  if (run.scratch === '') return;
  const inputs = loads ? readLoadInputs(input).inputs.run : readInputs(input).inputs;
  if (!handOver.finished()) await finishRun(run, inputs);
  await keepHistory(inputs, run.folder);
  if (!loads) await keepImages(inputs, run.folder);
}

/**
 * Ends what a killed run left running, removes its place in the shared lane, its secrets and what its builds left, and folds the journal into the same
 * reports; of a run whose engine did not answer in time to be cleaned up, only that was left to do.
 */
async function finishRun({ scratch, folder, ...wanted }: ReturnType<typeof handOver.run>, inputs: Inputs) {
  await endOrphans(scratch);
  if (inputs.sharedLane) removeDeadRuns();
  const values = readSecrets(scratch);
  for (const context of readContexts(scratch)) removeSecretCopies(context, values);
  removeScratchFolder(scratch);
  if (inputs.archive !== undefined) removePartialArchives(resolve(workspace(), inputs.archive.folder), scratch);

  const run = folder === '' ? undefined : openRunFolder(folder);
  const { events } = parseJournal(run?.journal ?? '');
  if (run === undefined || !events.some((event) => event.type === 'run-started')) return;
  // A cancelled run whose engine did not answer in time has told its end, and only what was removed is new.
  const told = events.some((event) => event.type === 'run-ended');
  await cleanUpAfterKill(events, run.folder, inputs);
  const summary = wanted.summary && !told;
  const annotations = wanted.annotations && !told;
  await publish(foldJournal(events), { write: run.folder.write, summary, annotations, fails: false });
  run.folder.close();
}
