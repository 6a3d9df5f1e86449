// Writes docs/failures.md from the table of signatures.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

const { status } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);
const { renderCatalogue } = await import('../lib/verdict/catalogue.js');
const { SIGNATURES } = await import('../lib/verdict/signatures.js');
writeFileSync('docs/failures.md', renderCatalogue(SIGNATURES));
