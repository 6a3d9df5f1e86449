// Writes docs/failures.md from the table of signatures, and schema/report-1.schema.json from report.json's schema.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';

const { status } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);
const { renderCatalogue } = await import('../lib/verdict/catalogue.js');
const { SIGNATURES } = await import('../lib/verdict/signatures.js');
const { publishedSchema } = await import('../lib/report/json-schema.js');
writeFileSync('docs/failures.md', renderCatalogue(SIGNATURES));
mkdirSync('schema', { recursive: true });
writeFileSync('schema/report-1.schema.json', `${JSON.stringify(publishedSchema(), null, 2)}\n`);
