import { cleanUpAfterKill } from './host/killed-run.js';
import { endOrphans } from './host/orphans.js';
import { publish } from './host/publication.js';
import { openRunFolder } from './host/run-folder.js';
import { handOver, input } from './host/runner.js';
import { readContexts, readSecrets, removeScratchFolder } from './host/scratch-folder.js';
import { removeSecretCopies } from './host/secret-copies.js';
import { readInputs } from './inputs/read.js';
import { foldJournal } from './journal/fold.js';
import { parseJournal } from './journal/lines.js';

/**
 * Finishes a run whose main step was killed before it could: ends what still runs, removes its secrets and what its builds
 * left, and folds the journal into the same reports. After any other end it finds nothing to do, but for a run whose engine
 * did not answer in time to be cleaned up.
 */
export async function post(): Promise<void> {
  const { scratch, folder, ...wanted } = handOver.run();
  if (scratch === '' || handOver.finished()) return;
  await endOrphans(scratch);
  const values = readSecrets(scratch);
  for (const context of readContexts(scratch)) removeSecretCopies(context, values);
  removeScratchFolder(scratch);

  const run = folder === '' ? undefined : openRunFolder(folder);
  const { events } = parseJournal(run?.journal ?? '');
  if (run === undefined || !events.some((event) => event.type === 'run-started')) return;
  // A cancelled run whose engine did not answer in time has told its end, and only what was removed is new.
  const told = events.some((event) => event.type === 'run-ended');
  // How the engine is reached; what was built is in the journal.
  await cleanUpAfterKill(events, run.folder, readInputs(input).inputs);
  const summary = wanted.summary && !told;
  const annotations = wanted.annotations && !told;
  await publish(foldJournal(events), { write: run.folder.write, summary, annotations, fails: false });
  run.folder.close();
}
