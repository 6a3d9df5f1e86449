// npm run report -- journal.ndjson [--out FOLDER]: every report of a run, from its journal alone.
import { spawnSync } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const USAGE = 'usage: npm run report -- journal.ndjson [--out FOLDER]   (FOLDER: where the journal is)';
const root = fileURLToPath(new URL('..', import.meta.url));
// npm runs scripts in the package's folder; paths are meant from where it was called.
const from = process.env.INIT_CWD ?? process.cwd();

const { journal, out } = readArguments();
const tsc = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
if (tsc.status !== 0) fail(`the sources do not compile (tsc exit code ${tsc.status}): is npm ci done?`);
const { renderJournal } = await import('../lib/host/report-command.js');

try {
  const { written, failures, damaged, images } = await renderJournal(journal, out);
  console.log(`${images} image${images === 1 ? '' : 's'}, ${damaged} damaged line${damaged === 1 ? '' : 's'} left out`);
  for (const name of written) console.log(resolve(out, name));
  if (resolve(out) !== dirname(journal)) console.log(`Links to logs lead to ${resolve(out, 'logs')}: copy them there.`);
  if (failures.length > 0) fail(failures.join('\n'));
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({ options: { out: { type: 'string' } }, allowPositionals: true });
    const [path, ...more] = positionals;
    if (path === undefined || more.length > 0) throw new Error(`expected one journal, got ${positionals.length}`);
    const journal = resolve(from, path);
    return { journal, out: values.out === undefined ? dirname(journal) : resolve(from, values.out) };
  } catch (error) {
    return fail(`${error.message}\n${USAGE}`, 2);
  }
}

function fail(message, code = 1) {
  console.error(message);
  process.exit(code);
}
