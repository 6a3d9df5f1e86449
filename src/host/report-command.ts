import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { foldJournal } from '../journal/fold.js';
import { parseJournal } from '../journal/lines.js';
import { writeReports } from './report-files.js';

/** What came of rendering a journal. */
export interface Rendered {
  /** Names of the files that were written. */
  written: string[];
  /** One message for each that was not. */
  failures: string[];
  /** Lines of the journal that are no event. */
  damaged: number;
  images: number;
}

/**
 * Renders all reports of a journal file into a folder, as the action itself does. Throws an Error that names the file when
 * it cannot be read or holds no run.
 */
export async function renderJournal(journal: string, folder: string): Promise<Rendered> {
  const { events, damaged } = parseJournal(readJournal(journal));
  if (!events.some(({ type }) => type === 'run-started'))
    throw new Error(
      `${journal}: no run in it: none of its lines is a run-started event (other events: ${events.length}, damaged lines: ${damaged})`,
    );
  const report = foldJournal(events);
  mkdirSync(folder, { recursive: true });
  const written: string[] = [];
  const failures: string[] = [];
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    written.push(name);
  };
  await writeReports(report, write, (message) => failures.push(message));
  return { written, failures, damaged, images: report.images.length };
}

function readJournal(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined)
    throw new Error(`${path}: no such file; expected the journal.ndjson of a run's report folder`);
  if (stats.isDirectory())
    throw new Error(`${path}: a folder; expected a file, such as ${join(path, 'journal.ndjson')}`);
  return readFileSync(path, 'utf8');
}
