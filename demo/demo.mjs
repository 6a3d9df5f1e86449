// npm run demo: the bundled action builds examples/ while its engine dies in mid-build, and says how it went.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findEngine } from './engines.mjs';
import { prepareExamples } from './example-images.mjs';
import { installationHint, installMissing } from './installation.mjs';
import { runAction } from './runner.mjs';
import { createLogView } from './step-log.mjs';

const DEATH_AFTER_MS = 2_000;
const DOWN_MS = 1_500;
const LOOK_EVERY_MS = 50;
const OPTIONS = {
  '--proxy': 'cut the connection to the engine rather than kill its server',
  '--docker': 'build with your own docker, behind the proxy',
};

const action = dirname(dirname(fileURLToPath(import.meta.url)));
const began = performance.now();
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => interrupted.abort(signal));
// A reader that leaves early (`| head`) must not keep us from clearing up.
process.stdout.on('error', () => {});
process.exitCode = await demo(process.argv.slice(2));

/** @param {string[]} options @returns {Promise<number>} the exit code */
async function demo(options) {
  const unknown = options.filter((option) => !(option in OPTIONS));
  if (unknown.length > 0) {
    const known = Object.entries(OPTIONS).map(([option, meaning]) => `  ${option}  ${meaning}`);
    return fail([`Unknown: ${unknown.join(' ')}. Known:`, ...known].join('\n'));
  }
  if (!existsSync(join(action, 'dist', 'index.js')))
    return fail('dist/index.js is missing: npm ci && npm run build makes it.');
  if (process.platform === 'linux') installMissing(say);

  // The real path: a link on the way to it (macOS has one) would be another name for the engine's mounts.
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'e2e-demo-'));
  const report = join(folder, 'report');
  try {
    const result = await survive(folder, report, options);
    return result === undefined ? 1 : conclude(result, report);
  } finally {
    for (const name of ['engine', 'workspace', 'temp']) rmSync(join(folder, name), { recursive: true, force: true });
    if (!existsSync(report)) rmSync(folder, { recursive: true, force: true });
  }
}

/** One run of the action, with one death of its engine. @param {string} folder @param {string} report @param {string[]} options */
async function survive(folder, report, options) {
  const engine = await findEngine({
    folder,
    proxy: options.includes('--proxy'),
    docker: options.includes('--docker'),
    say,
  });
  if (engine === undefined) {
    fail(`No engine answers here. ${installationHint()}`);
    return undefined;
  }
  const workspace = join(folder, 'workspace');
  mkdirSync(workspace);
  const { images, buildArgs } = prepareExamples(join(action, 'examples'), workspace);
  say(`The engine is ${engine.what}.`);
  say(`In mid-build ${engine.death}; ${DOWN_MS / 1000} s later it is back.\n`);

  const over = new AbortController();
  const view = createLogView();
  const building = runAction({
    action,
    workspace,
    temp: join(folder, 'temp'),
    env: engine.env,
    signal: interrupted.signal,
    inputs: {
      images,
      'build-args': buildArgs,
      engine: engine.name,
      'engine-url': engine.url,
      'extra-args': '--network=none',
      // Wide enough that the crash narrows it.
      'max-parallel': '4',
      'retry-min-timeout': '1s',
      'recovery-timeout': '1m',
      timeout: '5m',
      report,
    },
    onLine: (line) => {
      const shown = view(line);
      if (shown !== undefined) say(`${seconds()}  ${shown}`);
    },
  });
  const dying = die(engine, join(report, 'journal.ndjson'), over.signal);
  try {
    const result = await building;
    over.abort();
    await dying;
    return result;
  } finally {
    over.abort();
    await dying.catch(() => {});
    await engine.close([...images.matchAll(/localhost\/e2e-examples\/\S+/g)].map(([tag]) => tag));
  }
}

/** The death and the return of the engine, once the journal shows a build. @param {import('./engines.mjs').DemoEngine} engine @param {string} journal @param {AbortSignal} over */
async function die(engine, journal, over) {
  while (!over.aborted && !(existsSync(journal) && readFileSync(journal, 'utf8').includes('"attempt-started"')))
    await sleep(LOOK_EVERY_MS);
  await sleep(DEATH_AFTER_MS, undefined, { signal: over }).catch(() => {});
  if (over.aborted) return;
  say(`${seconds()}  >>> ${engine.death}`);
  await engine.die();
  await sleep(DOWN_MS, undefined, { signal: over }).catch(() => {});
  if (over.aborted) return;
  await engine.revive();
  say(`${seconds()}  >>> the engine is back`);
}

/** @param {import('./runner.mjs').ActionResult} result @param {string} report */
function conclude({ exitCode, outputs, summary }, report) {
  const reason = failure(exitCode, outputs);
  say(
    `\n${'─'.repeat(72)}\n${reason ?? `The engine died in mid-build, and still every image is built: retries ${outputs['retries']}, lane at the end ${outputs['mode']}.`}`,
  );
  say(`The job summary, as markdown:\n${'─'.repeat(72)}\n\n${summary}`);
  say(`${'─'.repeat(72)}\nThe report (report.json, summary.md, journal.ndjson, logs) is in ${report}`);
  return reason === undefined ? 0 : fail(reason);
}

/** Why the demo did not show what it should; undefined when it did. @param {number | null} exitCode @param {Record<string, string>} outputs */
function failure(exitCode, outputs) {
  if (interrupted.signal.aborted) return `Interrupted by ${interrupted.signal.reason}.`;
  if (exitCode !== 0)
    return `The action failed (exit ${exitCode ?? 'by a signal'}, result ${outputs['result'] ?? 'unknown'}).`;
  if (!(Number(outputs['incidents']) > 0))
    return 'The builds succeeded, but no crash was seen: they had ended before the engine died.';
  return undefined;
}

function seconds() {
  return `${((performance.now() - began) / 1000).toFixed(1).padStart(5)} s`;
}

/** @param {string} text */
function say(text) {
  process.stdout.write(`${text}\n`);
}

/** @param {string} reason @returns {number} the exit code of a demo that failed */
function fail(reason) {
  process.stderr.write(`demo: ${reason}\n`);
  return 1;
}
