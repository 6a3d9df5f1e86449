// npm run soak -- --minutes N [--seed S] [--engine E]: random image sets and random crashes on a private engine, from a
// printed seed. After each run it is checked that every image that should exist does, with the right content, that nothing
// was retried that should not have been, and that nothing of the run is left: no process, working container or temp file.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { runAction } from '../demo/runner.mjs';
import { startChaos } from './soak-chaos.mjs';
import { openSoakEngine, SOAK_ENGINES } from './soak-engine.mjs';
import { makeImage } from './soak-images.mjs';
import { randomFrom } from './soak-random.mjs';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string' },
    engine: { type: 'string', default: 'podman' },
  },
});
if (!SOAK_ENGINES.includes(values.engine))
  throw new Error(`--engine is ${values.engine}, expected one of ${SOAK_ENGINES.join(', ')}`);
/** An image that meets with more crashes than these is given up, rightly. */
const RETRIES = 12;
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const random = randomFrom(seed);
const until = Date.now() + Number(values.minutes) * 60_000;

// Short: podman takes no runroot longer than 50 characters.
const folder = mkdtempSync(join(tmpdir(), 'soak-'));
const engine = await openSoakEngine(values.engine, join(folder, 'engine'));
const counts = {
  runs: 0,
  images: 0,
  built: 0,
  failures: 0,
  crashes: 0,
  hangs: 0,
  survived: 0,
  incidents: 0,
  retries: 0,
  gaveUp: 0,
  cleanedUp: 0,
};
/** @type {string[]} */
const wrong = [];
console.log(`seed ${seed}; ${values.engine}: ${engine.version()}`);

try {
  while (Date.now() < until) await round();
} finally {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
}
console.log(counts);
process.exitCode = wrong.length > 0 ? 1 : 0;

async function round() {
  counts.runs += 1;
  const name = `r${counts.runs}`;
  const workspace = join(folder, name);
  const temp = join(folder, 'temp');
  mkdirSync(temp, { recursive: true });
  const images = Array.from({ length: 2 + Math.floor(random.next() * 4) }, (_, index) =>
    makeImage(workspace, `${name}-${index}`, random),
  );
  /** @type {ReturnType<typeof startChaos> | undefined} */
  let chaos;
  const run = await runAction({
    action: process.cwd(),
    workspace,
    temp,
    env: engine.env,
    // From the first build on: an engine that does not answer at all at the start is none to build on.
    onLine: (line) => {
      if (line.startsWith('start: ')) chaos ??= startChaos(engine, random, workspace);
    },
    inputs: {
      images: JSON.stringify(images.map(({ name: image, context, tags }) => ({ name: image, context, tags }))),
      ...engine.inputs,
      // The legacy builder keeps the container of a step that fails, for whoever wants to look at it.
      ...(values.engine === 'docker-legacy' ? { 'extra-args': `${engine.inputs['extra-args']}\n--force-rm` } : {}),
      'max-parallel': String(1 + Math.floor(random.next() * 4)),
      retries: String(RETRIES),
      'retry-min-timeout': '100ms',
      'retry-max-timeout': '1s',
      'recovery-timeout': '60s',
      'stall-timeout': '3s',
      recovery: 'restart',
      'recovery-command': `touch '${join(workspace, 'restart-asked')}'`,
      'no-cache': String(random.next() < 0.3),
    },
  });
  const { crashes, hangs } = (await chaos?.stop()) ?? { crashes: 0, hangs: 0 };
  const before = wrong.length;
  if (run.journal === undefined) wrong.push(`${name}: did not build at all: ${run.log.slice(0, 500)}`);
  else check(images, run, run.journal);
  await lookForLeftovers(name, temp, run, images.filter(({ broken }) => broken).length);
  counts.crashes += crashes;
  counts.hangs += hangs;
  if (wrong.length === before) counts.survived += crashes + hangs;
  console.log(
    `${name}: ${images.length} images, ${crashes} crashes, ${hangs} hangs, ${run.outputs['incidents']} incidents, ${run.outputs['retries']} retries, ${(run.durationMs / 1000).toFixed(1)} s${wrong.length === before ? '' : ' WRONG'}`,
  );
  for (const line of wrong.slice(before)) console.log(`WRONG ${line}`);
  engine.removeImages(images.flatMap(({ tags }) => tags));
  rmSync(workspace, { recursive: true, force: true });
  rmSync(temp, { recursive: true, force: true });
}

/**
 * @param {ReturnType<typeof makeImage>[]} images
 * @param {Awaited<ReturnType<typeof runAction>>} run
 * @param {string} journal
 */
function check(images, run, journal) {
  const outputs = JSON.parse(run.outputs['images'] ?? '{}');
  const events = readFileSync(journal, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  counts.images += images.length;
  counts.incidents += Number(run.outputs['incidents']);
  counts.retries += Number(run.outputs['retries']);
  counts.cleanedUp += events.flatMap(({ type, removed }) => (type === 'cleaned-up' ? removed : [])).length;
  for (const { name, tags, broken, proof } of images) {
    const { verdict } = outputs[name] ?? {};
    const ended = events.filter((event) => event.type === 'attempt-ended' && event.image === name);
    if (ended.slice(0, -1).some((event) => event.verdict?.class !== 'engine-crash'))
      wrong.push(`${name}: an attempt followed one that was no crash`);
    if (verdict === 'engine-crash' && ended.length === RETRIES + 1) {
      counts.gaveUp += 1;
      continue;
    }
    if (broken) {
      counts.failures += 1;
      if (verdict !== 'build-failed' && verdict !== 'usage-error')
        wrong.push(`${name}: broken, and its verdict is ${verdict}`);
      continue;
    }
    if (verdict !== 'success') {
      wrong.push(`${name}: ${verdict}: ${JSON.stringify(ended.at(-1)?.verdict)}`);
      continue;
    }
    counts.built += 1;
    const seen = engine.read(tags[0] ?? '', '/proof');
    if (seen !== proof) wrong.push(`${name}: holds ${JSON.stringify(seen)} instead of ${JSON.stringify(proof)}`);
  }
}

/** @param {string} name @param {string} temp @param {Awaited<ReturnType<typeof runAction>>} run @param {number} failed */
async function lookForLeftovers(name, temp, run, failed) {
  // A client that the engine's end has just ended may take a moment to be gone.
  await sleep(300);
  const left = engine.leftovers(name, temp, failed);
  const why = run.journal === undefined ? '' : readFileSync(run.journal, 'utf8').match(/"left":\["[^\]]*/g);
  for (const what of left) wrong.push(`${name}: left behind: ${what}; ${why}`);
}
