// client → src/report/html/client.generated.ts (esbuild), then src → lib (tsc) → dist (ncc): the bundle is what a workflow
// runs, so it is committed.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

run('scripts/build-client.mjs');
rmSync('lib', { recursive: true, force: true });
rmSync('dist', { recursive: true, force: true });
run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json');
run(
  'node_modules/@vercel/ncc/dist/ncc/cli.js',
  'build',
  'lib/index.js',
  '-o',
  'dist',
  '--license',
  'licenses-[name].txt',
  '--quiet',
);
joinLicenses();

// ncc writes the licenses of each chunk to a file: with one name for all, what is loaded lazily would replace the rest.
function joinLicenses() {
  const parts = readdirSync('dist').filter((name) => name.startsWith('licenses-'));
  const texts = parts.sort().map((name) => readFileSync(`dist/${name}`, 'utf8').trimEnd());
  // ncc sees but a text in the page's program, which holds uPlot all the same.
  texts.push(`uplot\nMIT\n${readFileSync('node_modules/uplot/LICENSE', 'utf8').trimEnd()}`);
  writeFileSync('dist/licenses.txt', `${texts.join('\n\n')}\n`);
  for (const name of parts) rmSync(`dist/${name}`);
}

function run(script, ...args) {
  const { status } = spawnSync(process.execPath, [script, ...args], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
