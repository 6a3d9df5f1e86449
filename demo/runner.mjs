// Runs a bundled JavaScript action as the GitHub runner does: main, then post, with inputs and files for its results.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseFileCommands } from './file-commands.mjs';
import { peakRss } from './processes.mjs';

const MAIN = join('dist', 'index.js');
const POST = join('dist', 'post.js');
const LOAD_MAIN = join('load', 'index.js');
const LOAD_POST = join('load', 'post.js');
const FILES = ['GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY', 'GITHUB_ENV', 'GITHUB_PATH'];
/** Of a longer log only the last of it is kept; `onLine` sees all. */
const MOST_LOG_LINES = 100_000;
/** A cancelled step gets SIGINT, after 7.5 s SIGTERM, and 2.5 s later SIGKILL. */
const CANCELLATION = /** @type {const} */ ([
  [0, 'SIGINT'],
  [7_500, 'SIGTERM'],
  [10_000, 'SIGKILL'],
]);
const MEMORY_EVERY_MS = 50;

/**
 * @typedef {object} ActionRun
 * @property {string} action folder of the action, which has dist/index.js
 * @property {boolean} [loads] it is the action in the folder load/ that is run
 * @property {string} workspace folder of the checkout that it works on
 * @property {string} temp the runner's temporary folder; made when it is missing
 * @property {Record<string, string>} inputs by name; one that is not given arrives empty
 * @property {Record<string, string>} [env] on top of this process's own environment; the user's cache is in `temp` otherwise
 * @property {(line: string) => void} [onLine] called with each line of the step log as it comes
 * @property {string} [node] the Node executable; this process's own by default
 * @property {string[]} [before] words put before Node, such as `unshare -n`; they are to end as what they start does
 * @property {AbortSignal} [signal] cancels the step, as the runner would
 * @property {AbortSignal} [kill] kills main, with nothing sent to it before
 */

/**
 * @typedef {object} ActionResult
 * @property {number | null} exitCode of main; `null` when a signal ended it
 * @property {number | null} postExitCode
 * @property {Record<string, string>} outputs
 * @property {Record<string, string>} state what main left to post
 * @property {string} summary the job summary, markdown
 * @property {string} log stdout and stderr of main and post
 * @property {string | undefined} journal path of the run's journal; undefined when there was no run
 * @property {number} durationMs of main
 * @property {number} endedAt when main's process had ended, in milliseconds since the epoch
 * @property {number | undefined} peakRssBytes of main's own process; undefined where there is no /proc
 */

/**
 * Runs an action's main and then its post, as the runner does, and hands back all that they left.
 * @param {ActionRun} run
 * @returns {Promise<ActionResult>}
 */
export async function runAction(run) {
  mkdirSync(run.temp, { recursive: true });
  const folder = mkdtempSync(join(run.temp, 'runner-'));
  const files = Object.fromEntries(FILES.map((name) => [name, join(folder, name.toLowerCase())]));
  for (const path of Object.values(files)) writeFileSync(path, '');
  const env = { ...environment(run), ...files };
  const read = (/** @type {string} */ name) => readFileSync(/** @type {string} */ (files[name]), 'utf8');
  /** @type {string[]} */
  const lines = [];
  const onLine = (/** @type {string} */ line) => {
    if (lines.push(line) >= 2 * MOST_LOG_LINES) lines.splice(0, MOST_LOG_LINES);
    run.onLine?.(line);
  };

  const main = await runPhase(run, run.loads ? LOAD_MAIN : MAIN, env, onLine, run);
  const state = parseFileCommands(read('GITHUB_STATE'));
  const stateEnv = Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value]));
  const post = await runPhase(run, run.loads ? LOAD_POST : POST, { ...env, ...stateEnv }, onLine);
  const outputs = parseFileCommands(read('GITHUB_OUTPUT'));
  const report = outputs['report'] || state['folder'];
  return {
    exitCode: main.exitCode,
    postExitCode: post.exitCode,
    outputs,
    state,
    summary: read('GITHUB_STEP_SUMMARY'),
    log: lines.join('\n'),
    journal: report ? join(report, 'journal.ndjson') : undefined,
    durationMs: main.durationMs,
    endedAt: main.endedAt,
    peakRssBytes: main.peakRssBytes,
  };
}

/** @param {ActionRun} run @returns {Record<string, string | undefined>} */
function environment({ inputs, env, workspace, temp }) {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(INPUT|GITHUB|STATE|ACTIONS)_/.test(name));
  const given = Object.entries(inputs).map(([name, value]) => [
    `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
    value,
  ]);
  return {
    ...Object.fromEntries([...inherited, ...given]),
    XDG_CACHE_HOME: join(temp, 'user-cache'),
    ...env,
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKSPACE: workspace,
    RUNNER_TEMP: temp,
  };
}

/**
 * @param {ActionRun} run
 * @param {string} script
 * @param {Record<string, string | undefined>} env
 * @param {(line: string) => void} onLine
 * @param {{ signal?: AbortSignal, kill?: AbortSignal }} [ends]
 * @returns {Promise<{ exitCode: number | null, durationMs: number, endedAt: number, peakRssBytes: number | undefined }>}
 */
function runPhase({ action, workspace, node = process.execPath, before = [] }, script, env, onLine, ends = {}) {
  const began = performance.now();
  // Detached: Ctrl-C in a terminal must not reach it beside the SIGINT that cancelling sends.
  const [command = node, ...args] = [...before, node, join(action, script)];
  const child = spawn(command, args, {
    cwd: workspace,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', onLine);
  const stopCancelling = cancelOn(ends.signal, (by) => child.kill(by));
  ends.kill?.addEventListener('abort', () => child.kill('SIGKILL'), { once: true });
  /** @type {number | undefined} */
  let peakRssBytes;
  const memory = setInterval(() => {
    peakRssBytes = peakRss(child.pid) ?? peakRssBytes;
  }, MEMORY_EVERY_MS);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) =>
      resolve({ exitCode, durationMs: performance.now() - began, endedAt: Date.now(), peakRssBytes }),
    );
  }).finally(() => {
    clearInterval(memory);
    stopCancelling();
  });
}

/** @param {AbortSignal | undefined} signal @param {(by: NodeJS.Signals) => void} send @returns {() => void} */
function cancelOn(signal, send) {
  /** @type {NodeJS.Timeout[]} */
  const timers = [];
  const cancel = () => {
    for (const [afterMs, by] of CANCELLATION) timers.push(setTimeout(() => send(by), afterMs));
  };
  if (signal?.aborted) cancel();
  signal?.addEventListener('abort', cancel);
  return () => {
    signal?.removeEventListener('abort', cancel);
    for (const timer of timers) clearTimeout(timer);
  };
}
