import { publish } from './host/publication.js';
import { openRunFolder } from './host/run-folder.js';
import { handOver } from './host/runner.js';
import { foldJournal } from './journal/fold.js';
import { parseJournal } from './journal/lines.js';

/** Reports a run whose main step was killed before it could: the journal that it left is folded into the same reports. */
export async function post(): Promise<void> {
  const { folder, ...wanted } = handOver.run();
  if (folder === '' || handOver.reported()) return;
  const run = openRunFolder(folder);
  if (run === undefined) return;
  const { events } = parseJournal(run.journal);
  if (events.some((event) => event.type === 'run-started'))
    await publish(foldJournal(events), { write: run.write, ...wanted });
}
