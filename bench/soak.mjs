// npm run soak -- --minutes N [--seed S]: random image sets and random crashes on a private podman server, from a printed
// seed. After each run it is checked that every image that should exist does, with the right content, and that nothing
// was retried that should not have been.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startPodmanServer } from '../demo/private-podman.mjs';
import { runAction } from '../demo/runner.mjs';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '5' }, seed: { type: 'string' } } });
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const until = Date.now() + Number(values.minutes) * 60_000;
const random = randomFrom(seed);
const between = (/** @type {number} */ least, /** @type {number} */ most) => least + random() * (most - least);
const pick = (/** @type {readonly any[]} */ choices) => choices[Math.floor(random() * choices.length)];

const SIGNALS = /** @type {const} */ (['SIGKILL', 'SIGSEGV', 'SIGTERM']);
/** Real failures, with a line that looks like a crash among them. */
const FAILURES = [
  'RUN exit 7',
  'RUN exit 125',
  'COPY nosuch /x',
  'RUNN foo',
  "RUN echo 'Error: server probably quit: unexpected EOF' >&2; exit 125",
];

const folder = mkdtempSync(join(tmpdir(), 'soak-'));
const server = await startPodmanServer({ folder: join(folder, 'engine') });
const env = { ...process.env, ...server.env };
const counts = {
  runs: 0,
  images: 0,
  built: 0,
  failures: 0,
  crashes: 0,
  survived: 0,
  incidents: 0,
  retries: 0,
  gaveUp: 0,
};
/** @type {string[]} */
const wrong = [];
console.log(`seed ${seed}; podman ${podman('version', '--format', '{{.Server.Version}}')}`);

try {
  while (Date.now() < until) await round();
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
console.log(counts);
for (const line of wrong) console.log(`WRONG ${line}`);
process.exitCode = wrong.length > 0 ? 1 : 0;

async function round() {
  counts.runs += 1;
  const name = `r${counts.runs}`;
  const workspace = join(folder, name);
  const images = Array.from({ length: 2 + Math.floor(random() * 4) }, (_, index) =>
    image(workspace, `${name}-${index}`),
  );
  /** @type {ReturnType<typeof startChaos> | undefined} */
  let chaos;
  const run = await runAction({
    action: process.cwd(),
    workspace,
    temp: join(folder, 'temp'),
    env: server.env,
    // From the first build on: an engine that does not answer at all at the start is none to build on.
    onLine: (line) => {
      if (line.startsWith('start: ')) chaos ??= startChaos();
    },
    inputs: {
      images: JSON.stringify(images.map(({ name: image, context, tags }) => ({ name: image, context, tags }))),
      engine: 'podman',
      'engine-url': server.url,
      'extra-args': '--network=none',
      'max-parallel': String(1 + Math.floor(random() * 4)),
      retries: '12',
      'retry-min-timeout': '100ms',
      'retry-max-timeout': '1s',
      'recovery-timeout': '30s',
      'no-cache': String(random() < 0.3),
    },
  });
  const crashes = (await chaos?.stop()) ?? 0;
  if (run.journal === undefined) wrong.push(`${name}: did not build at all: ${run.log.slice(0, 500)}`);
  else check(name, images, run, run.journal, crashes);
  for (const { tags } of images) podman('image', 'rm', '--force', ...tags);
  rmSync(workspace, { recursive: true, force: true });
  rmSync(join(folder, 'temp'), { recursive: true, force: true });
}

/** @param {string} workspace @param {string} name */
function image(workspace, name) {
  const context = join(workspace, name);
  mkdirSync(join(context, 'rootfs', 'bin'), { recursive: true });
  copyFileSync('/bin/busybox', join(context, 'rootfs', 'bin', 'busybox'));
  for (const applet of ['sh', 'cat']) symlinkSync('busybox', join(context, 'rootfs', 'bin', applet));
  const broken = random() < 0.2;
  const steps = Array.from(
    { length: 1 + Math.floor(random() * 4) },
    (_, step) => `RUN /bin/busybox sleep ${between(0.1, 1.5).toFixed(2)} && echo ${name}-${step} >> /proof`,
  );
  const lines = ['FROM scratch', 'COPY rootfs/ /', ...steps, ...(broken ? [pick(FAILURES)] : [])];
  writeFileSync(join(context, 'Containerfile'), `${lines.join('\n')}\n`);
  writeFileSync(join(context, 'rootfs', 'name'), name);
  const proof = steps.map((_, step) => `${name}-${step}`).join('\n');
  return { name, context, tags: [`localhost/soak/${name}:e2e`], broken: broken ? true : undefined, proof };
}

/** Kills the server at random moments, and brings it back after a while, until it is stopped. */
function startChaos() {
  let crashes = 0;
  let stopped = false;
  const busy = (async () => {
    for (;;) {
      await wait(between(500, 6_000));
      if (stopped) return;
      crashes += 1;
      const signal = pick(SIGNALS);
      // A server that was told to end and does not is killed, as systemd would.
      const patience = setTimeout(() => void server.kill('SIGKILL'), 5_000);
      await server.kill(signal);
      clearTimeout(patience);
      await wait(between(50, 2_000));
      await server.start();
    }
  })();
  return {
    async stop() {
      stopped = true;
      await busy;
      return crashes;
    },
  };
}

/**
 * @param {string} name
 * @param {ReturnType<typeof image>[]} images
 * @param {Awaited<ReturnType<typeof runAction>>} run
 * @param {string} journal
 * @param {number} crashes
 */
function check(name, images, run, journal, crashes) {
  const outputs = JSON.parse(run.outputs['images'] ?? '{}');
  const events = readFileSync(journal, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  counts.images += images.length;
  counts.crashes += crashes;
  counts.incidents += Number(run.outputs['incidents']);
  counts.retries += Number(run.outputs['retries']);
  const before = wrong.length;
  for (const { name: imageName, tags, broken, proof } of images) {
    const { verdict } = outputs[imageName] ?? {};
    const verdicts = events.filter((event) => event.type === 'attempt-ended' && event.image === imageName);
    const retriedWrongly = verdicts.slice(0, -1).some((event) => event.verdict?.class !== 'engine-crash');
    if (retriedWrongly) wrong.push(`${imageName}: an attempt followed one that was no crash`);
    if (broken) {
      counts.failures += 1;
      if (verdict !== 'build-failed' && verdict !== 'usage-error')
        wrong.push(`${imageName}: broken, and its verdict is ${verdict}`);
      continue;
    }
    if (verdict !== 'success') {
      counts.gaveUp += 1;
      wrong.push(`${imageName}: ${verdict}: ${JSON.stringify(verdicts.at(-1)?.verdict)}`);
      continue;
    }
    counts.built += 1;
    const seen = contentOf(tags[0] ?? '');
    if (seen !== proof) wrong.push(`${imageName}: holds ${JSON.stringify(seen)} instead of ${JSON.stringify(proof)}`);
  }
  if (wrong.length === before) counts.survived += crashes;
  console.log(
    `${name}: ${images.length} images, ${crashes} crashes, ${run.outputs['incidents']} incidents, ${run.outputs['retries']} retries, ${(run.durationMs / 1000).toFixed(1)} s${wrong.length === before ? '' : ' WRONG'}`,
  );
}

/** What the steps wrote, read from the image without running it. @param {string} tag */
function contentOf(tag) {
  const container = podman('create', '--network=none', tag, '/bin/cat');
  const copy = join(folder, 'proof');
  const said = podman('cp', `${container}:/proof`, copy);
  podman('rm', '--force', container);
  try {
    return readFileSync(copy, 'utf8').trim();
  } catch {
    return said;
  } finally {
    rmSync(copy, { force: true });
  }
}

/** @param {string[]} args */
function podman(...args) {
  const { stdout, stderr } = spawnSync('podman', ['--url', server.url, ...args], { env, encoding: 'utf8' });
  return stdout.trim() || stderr.trim();
}

/** @param {number} ms */
function wait(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A small generator, so that a run can be had again from its seed (https://en.wikipedia.org/wiki/Xorshift). @param {number} from */
function randomFrom(from) {
  let state = from | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
