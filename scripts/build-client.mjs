// client/ → src/report/html/client.generated.ts: the browser's half of report.html as texts, with the hashes that its
// policy names. Committed, so that tests need no build; check:dist holds it to its sources.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const licence = readFileSync(at('node_modules/uplot/LICENSE'), 'utf8').trim();
const { version } = JSON.parse(readFileSync(at('node_modules/uplot/package.json'), 'utf8'));

const bundle = await build({
  entryPoints: [at('client/main.ts')],
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2022',
  charset: 'ascii',
  legalComments: 'none',
  // Its licence wants to be in every copy, and a report is one.
  banner: { js: `/*! with uPlot ${version}, https://github.com/leeoniya/uPlot\n\n${licence}\n*/` },
  write: false,
});
const styles = ['node_modules/uplot/dist/uPlot.min.css', 'client/style.css'].map((path) =>
  readFileSync(at(path), 'utf8'),
);
const { code: style } = await transform(styles.join('\n'), { loader: 'css', minify: true, charset: 'ascii' });
const script = bundle.outputFiles[0].text;
if (/<\/script|<!--|<script/i.test(script) || /<\/style/i.test(style))
  throw new Error('the script or the style would end its own element: look for what writes it');

const client = {
  body: readFileSync(at('client/body.html'), 'utf8').trim(),
  style: style.trim(),
  styleHash: hash(style.trim()),
  script: script.trim(),
  scriptHash: hash(script.trim()),
};
writeFileSync(
  at('src/report/html/client.generated.ts'),
  `// Made of client/ by scripts/build-client.mjs (npm run build:client).\nexport const CLIENT = ${JSON.stringify(client, null, 2)};\n`,
);

/** A source expression of https://www.w3.org/TR/CSP3/#grammardef-hash-source */
function hash(text) {
  return `sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}`;
}
