// What the action costs, each figure beside raw `podman build` in the same run.
import { spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPodmanServer } from '../demo/private-podman.mjs';
import { childrenOf, commandLine } from '../demo/processes.mjs';
import { runAction } from '../demo/runner.mjs';
import { timeContextHashes } from './context-hash.mjs';
import { startStubServer, writeNotingEngine, writeStubEngine } from './stub-engine.mjs';
import { median } from './table.mjs';

const RUNS = 7;

/** @typedef {{ folder: string, workspace: string, temp: string, server: import('../demo/private-podman.mjs').PodmanServer }} Place */

/** Start-up, overhead per image, a loud build, sampling, the hash of a large context. @returns {Promise<import('./table.mjs').Table[]>} */
export async function measureOverhead() {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const [workspace, temp] = [join(folder, 'workspace'), join(folder, 'temp')];
  mkdirSync(workspace);
  mkdirSync(temp);
  const server = await startPodmanServer({ folder: join(folder, 'engine') });
  const place = { folder, workspace, temp, server };
  try {
    const figures = [];
    for (const measure of [startUp, perImage, logOf500MB, sampling, contextHash])
      figures.push(...(await measure(place)));
    return [{ title: 'What it costs', rows: [['figure', 'ours', 'raw', 'ratio', 'target'], ...figures] }];
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** From the start of the process to the first `podman build` spawned; raw: to the same. @param {Place} place */
async function startUp(place) {
  const { folder, server } = place;
  const real = which('podman');
  const notes = join(folder, 'notes');
  const bin = join(folder, 'noting');
  writeNotingEngine(bin, notes, real);
  const context = image(place, 'startup', 'RUN /bin/busybox true');
  const env = { ...server.env, PATH: `${bin}:${process.env.PATH}` };
  const ours = [];
  const raw = [];
  for (let run = 0; run <= RUNS; run += 1) {
    rmSync(notes, { force: true });
    let began = now();
    await action(place, [{ name: 'startup', context }], { 'no-cache': 'true' }, env);
    if (run > 0) ours.push(firstNote(notes) - began);
    rmSync(notes, { force: true });
    began = now();
    await rawBuild(place, context, 'ignore', env, join(bin, 'podman'));
    if (run > 0) raw.push(firstNote(notes) - began);
  }
  return [row('start-up to the first engine build', ours, raw, 'ms', '≤ 250 ms')];
}

/** A stub engine that answers at once: 250, 500 and 1,000 images, against as many bare calls of the same stub. @param {Place} place */
async function perImage(place) {
  const { folder, server } = place;
  const bin = join(folder, 'stub');
  writeStubEngine(bin);
  const socket = join(folder, 'stub.sock');
  const stopServer = await startStubServer(socket);
  const env = { ...server.env, PATH: `${bin}:${process.env.PATH}` };
  const context = image(place, 'stub', '');
  const sizes = [250, 500, 1000];
  const walls = [];
  let rss = 0;
  for (const size of sizes) {
    const images = Array.from({ length: size }, (_, index) => ({ name: `image-${index}`, context }));
    const began = now();
    const run = await action(place, images, { 'engine-url': `unix://${socket}` }, env);
    walls.push(now() - began);
    if (run.exitCode !== 0) throw new Error(`the stub run failed:\n${run.log.slice(-2000)}`);
    rss = Math.max(rss, run.peakRssBytes ?? 0);
  }
  await stopServer();
  const began = now();
  const bare = Array.from({ length: 1000 }, () => 'build').join('\n');
  spawnSync('xargs', ['-P2', '-n1', join(bin, 'podman')], { input: bare });
  const raw = now() - began;
  const [small, middle, large] = /** @type {[number, number, number]} */ (walls);
  const each = (large - small) / (1000 - 250);
  return [
    [
      'overhead per image, stub engine',
      `${each.toFixed(2)} ms`,
      `${(raw / 1000).toFixed(2)} ms`,
      (each / (raw / 1000)).toFixed(2),
      '≤ 5 ms',
    ],
    [
      '250 / 500 / 1,000 images, stub engine',
      walls.map((wall) => `${(wall / 1000).toFixed(2)} s`).join(' / '),
      `${(raw / 1000).toFixed(2)} s`,
      ((large - middle) / 500 / ((middle - small) / 250)).toFixed(2),
      'linear: slope ratio 1',
    ],
    ['peak RSS at 1,000 images', `${(rss / 2 ** 20).toFixed(0)} MB`, '', '', '≤ 150 MB'],
  ];
}

/** A build that prints 500 MB; raw: the same into a file. @param {Place} place */
async function logOf500MB(place) {
  const { folder, temp, server } = place;
  const context = image(
    place,
    'loud',
    "RUN /bin/busybox yes 'a line of a build log that is about as long as they are' | /bin/busybox head -c 524288000",
  );
  const ours = [];
  const raw = [];
  let rss = 0;
  for (let run = 0; run < 3; run += 1) {
    let began = now();
    const done = await action(place, [{ name: 'loud', context }], { 'no-cache': 'true' }, server.env);
    ours.push(now() - began);
    if (done.exitCode !== 0) throw new Error(`the loud build failed:\n${done.log.slice(-2000)}`);
    rss = Math.max(rss, done.peakRssBytes ?? 0);
    began = now();
    await rawBuild(place, context, openSync(join(folder, 'raw.log'), 'w'), server.env);
    raw.push(now() - began);
    rmSync(join(temp), { recursive: true, force: true });
    mkdirSync(temp);
  }
  return [
    row('a build that prints 500 MB', ours, raw, 'ms', '≤ 1.1 × raw'),
    ['peak RSS of that', `${(rss / 2 ** 20).toFixed(0)} MB`, '', '', 'bounded'],
  ];
}

/** CPU time of the whole action while ten builds run that do nothing: what it does then is to sample. @param {Place} place */
async function sampling(place) {
  const context = image(place, 'sleepy', 'RUN /bin/busybox sleep 25');
  const images = Array.from({ length: 10 }, (_, index) => ({ name: `sleepy-${index}`, context }));
  const running = action(place, images, { 'no-cache': 'true', 'max-parallel': '10' }, place.server.env);
  await sleep(8_000);
  const pid = childrenOf(process.pid).find((child) => commandLine(child).some((word) => word.endsWith('index.js')));
  const [before, began] = [cpuMs(pid), now()];
  await sleep(15_000);
  const percent = (100 * (cpuMs(pid) - before)) / (now() - began);
  const run = await running;
  if (run.exitCode !== 0) throw new Error(`the sleepy builds failed:\n${run.log.slice(-2000)}`);
  return [['sampling 10 attempts each second', `${percent.toFixed(2)} % of a core`, '', '', '< 1 %']];
}

/** Beside sha256sum of the same files. @param {Place} place */
async function contextHash({ folder }) {
  return (await timeContextHashes(folder)).map(({ what, ours, raw }) => row(what, ours, raw, 'ms', '≤ 3 s'));
}

/** CPU time of all threads, in milliseconds (https://docs.kernel.org/scheduler/sched-stats.html). @param {number} [pid] */
function cpuMs(pid) {
  const threads = readdirSync(`/proc/${pid}/task`);
  const spent = threads.map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
  );
  return spent.reduce((sum, ns) => sum + ns, 0) / 1e6;
}

/** @param {Place} place @param {object[]} images @param {Record<string, string>} inputs @param {Record<string, string>} env */
function action({ workspace, temp, server }, images, inputs, env) {
  return runAction({
    action: process.cwd(),
    workspace,
    temp,
    env,
    inputs: {
      images: JSON.stringify(images),
      engine: 'podman',
      'engine-url': server.url,
      'extra-args': '--network=none',
      ...inputs,
    },
  });
}

/** @param {Place} place @param {string} context @param {number | 'ignore'} out @param {Record<string, string>} env @param {string} podman */
function rawBuild({ server }, context, out, env, podman = 'podman') {
  return new Promise((resolve) => {
    const args = ['--url', server.url, 'build', '--no-cache', '--network=none', '--tag', 'raw:e2e', context];
    spawn(podman, args, { stdio: ['ignore', out, out], env: { ...process.env, ...env } }).once('exit', resolve);
  });
}

/** @param {Place} place @param {string} name @param {string} instruction */
function image({ workspace }, name, instruction) {
  const context = join(workspace, name);
  mkdirSync(join(context, 'rootfs', 'bin'), { recursive: true });
  copyFileSync('/bin/busybox', join(context, 'rootfs', 'bin', 'busybox'));
  symlinkSync('busybox', join(context, 'rootfs', 'bin', 'sh'));
  writeFileSync(join(context, 'Containerfile'), `FROM scratch\nCOPY rootfs/ /\n${instruction}\n`);
  return context;
}

/** @param {string} what @param {number[]} ours @param {number[]} raw @param {string} unit @param {string} target */
function row(what, ours, raw, unit, target) {
  const [a, b] = [median(ours) ?? Number.NaN, median(raw) ?? Number.NaN];
  return [
    what,
    `${a.toFixed(0)} ${unit} (${Math.min(...ours).toFixed(0)}–${Math.max(...ours).toFixed(0)})`,
    `${b.toFixed(0)} ${unit}`,
    (a / b).toFixed(2),
    target,
  ];
}

/** @param {string} notes */
function firstNote(notes) {
  return Number(readFileSync(notes, 'utf8').split('\n')[0]) / 1e6;
}

function now() {
  return performance.timeOrigin + performance.now();
}

/** @param {string} name */
function which(name) {
  return spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim();
}
