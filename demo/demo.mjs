// npm run demo: the bundled action builds examples/ while its engine dies in mid-build, and says how it went.
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dieInMidBuild } from './death.mjs';
import { findEngine } from './engines.mjs';
import { prepareExamples } from './example-images.mjs';
import { installationHint, installMissing } from './installation.mjs';
import { prepareKubernautLike } from './kubernaut-like.mjs';
import { runAction } from './runner.mjs';
import { createLogView } from './step-log.mjs';

const DEATH = { afterMs: 2_000, downMs: 1_500 };
/** What is left of podman's 50 characters for its runroot. */
const LONGEST_TEMP = 20;
const OPTIONS = {
  '--proxy': 'cut the connection to the engine rather than kill its server',
  '--docker': 'build with your own docker, behind the proxy',
  '--twelve': 'build the twelve images of examples/kubernaut-like, from their definition file; about a minute',
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

  const folder = mkdtempSync(join(shortTemp(), 'e2e-demo-'));
  const report = join(folder, 'report');
  try {
    const result = await survive(folder, report, options);
    return result === undefined ? 1 : conclude(result, report);
  } finally {
    for (const name of ['workspace', 'temp']) rmSync(join(folder, name), { recursive: true, force: true });
    if (!existsSync(report)) rmSync(folder, { recursive: true, force: true });
  }
}

/** One run of the action, with one death of its engine. @param {string} folder @param {string} report @param {string[]} options */
async function survive(folder, report, options) {
  const { inputs, texts } = prepare(join(folder, 'workspace'), options.includes('--twelve'));
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
  const over = new AbortController();
  try {
    say(`The engine is ${engine.what}.`);
    say(`In mid-build ${engine.death}; ${DEATH.downMs / 1000} s later it is back.\n`);
    const view = createLogView();
    const building = runAction({
      action,
      workspace: join(folder, 'workspace'),
      temp: join(folder, 'temp'),
      env: engine.env,
      signal: interrupted.signal,
      inputs: {
        ...inputs,
        engine: engine.name,
        'engine-url': engine.url,
        'extra-args': '--network=none',
        // Wide enough that the crash narrows it.
        'max-parallel': '4',
        'retry-min-timeout': '1s',
        'recovery-timeout': '1m',
        // Nothing is left behind.
        cache: 'off',
        timeout: '5m',
        report,
      },
      onLine: (line) => {
        const shown = view(line);
        if (shown !== undefined) tell(shown);
      },
    });
    const [result] = await Promise.all([
      building.finally(() => over.abort()),
      dieInMidBuild(engine, { ...DEATH, journal: join(report, 'journal.ndjson'), over: over.signal, tell }),
    ]);
    return result;
  } finally {
    await engine.close([...texts.matchAll(/localhost\/(?:e2e-examples|kubernaut)\S*/g)].map(([tag]) => tag));
  }
}

/**
 * What is built, as inputs of the action, and the text that has its tags.
 * @param {string} workspace @param {boolean} twelve
 */
function prepare(workspace, twelve) {
  const examples = join(action, 'examples');
  if (!twelve) {
    const { images, buildArgs } = prepareExamples(examples, workspace);
    return { inputs: { images, 'build-args': buildArgs }, texts: images };
  }
  const { definition, buildArgs } = prepareKubernautLike(examples, workspace);
  const texts = readFileSync(join(workspace, definition), 'utf8');
  return { inputs: { files: definition, 'build-args': buildArgs, fresh: 'true' }, texts };
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

/** The temporary folder, by its real path, as mounts are listed; /tmp where podman would find the path too long. */
function shortTemp() {
  const temp = realpathSync(tmpdir());
  return process.platform === 'linux' && temp.length > LONGEST_TEMP ? '/tmp' : temp;
}

/** A line with its time since the start. @param {string} text */
function tell(text) {
  say(`${((performance.now() - began) / 1000).toFixed(1).padStart(5)} s  ${text}`);
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
