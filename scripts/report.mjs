// npm run report -- JOURNAL [--out FOLDER]: all reports of a run from its journal, without an engine.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { out: { type: 'string' } } });
const [journal, ...more] = positionals;
if (journal === undefined || more.length > 0)
  fail('expected one journal: npm run report -- journal.ndjson [--out FOLDER]');

const { status } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);
const { parseJournal } = await import('../lib/journal/lines.js');
const { foldJournal } = await import('../lib/journal/fold.js');
const { REPORTS } = await import('../lib/report/reports.js');

const { events, damaged } = parseJournal(read(journal));
if (damaged > 0) console.warn(`${journal}: ${damaged} lines are no events, and were left out`);
if (!events.some(({ type }) => type === 'run-started'))
  fail(
    `${journal}: seen ${events.length} events, expected a journal with a run-started event, as journal.ndjson of a report folder`,
  );
const report = foldJournal(events);
const folder = values.out ?? join(dirname(journal), 'report');
mkdirSync(folder, { recursive: true });
for (const [name, render] of Object.entries(REPORTS)) {
  writeFileSync(join(folder, name), await render(report));
  console.log(join(folder, name));
}

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    return fail(`${path}: cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}

/** @param {string} message @returns {never} */
function fail(message) {
  console.error(message);
  process.exit(1);
}
