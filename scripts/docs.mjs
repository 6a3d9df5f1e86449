// Writes docs/failures.md from the table of signatures, and into schema/ what report.json and definition files hold.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';

const { status } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);
const { renderCatalogue } = await import('../lib/verdict/catalogue.js');
const { SIGNATURES } = await import('../lib/verdict/signatures.js');
const { publishedSchema } = await import('../lib/report/json-schema.js');
const { publishedImagesSchema } = await import('../lib/inputs/definitions/own-json-schema.js');
writeFileSync('docs/failures.md', renderCatalogue(SIGNATURES));
mkdirSync('schema', { recursive: true });
writeFileSync('schema/report-1.schema.json', `${JSON.stringify(publishedSchema(), null, 2)}\n`);
writeFileSync('schema/images.schema.json', `${JSON.stringify(publishedImagesSchema(), null, 2)}\n`);
