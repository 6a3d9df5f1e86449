import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { startPodmanServer } from '../../demo/private-podman.mjs';
import { type Run, runBundle } from '../support/bundle-run.js';
import { steps, writeImage } from '../support/workload.js';

const MOMENTS = 50;
/** Each with an engine of its own: builds mostly sleep. */
const AT_ONCE = 4;
/** From before the action has begun to listen: a signal ends Node then. */
const STARTED_MS = 100;
/** A run takes about this long, its crash included. */
const RUN_MS = 6_000;
const CRASH_AFTER_MS = 1_500;
const CANCEL_WITHIN_MS = 5_000;

const LEFT_TO_SERVER = /working containers?: a build that still runs may work in it/;

type Server = Awaited<ReturnType<typeof startPodmanServer>>;

/** What was found after a run that was interrupted at some moment; empty lists where all is well. */
interface Aftermath {
  atMs: number;
  /** From the interruption to the end of main. */
  tookMs: number;
  run: Run;
  processes: string[];
  containers: string[];
  files: string[];
}

/** Interrupts a run of three images and one crash of the server at a moment, and looks at what is left. */
async function interrupt(by: 'cancel' | 'kill', atMs: number, server: Server, folder: string): Promise<Aftermath> {
  // No two runs share a layer, and every process of a step names its run.
  const id = `run${Math.random().toString(36).slice(2)}`;
  const workspace = join(folder, id);
  const temp = join(folder, `${id}-temp`);
  mkdirSync(workspace);
  mkdirSync(temp);
  const images = ['a', 'b', 'c'].map((name) =>
    writeImage(workspace, `${id}${name}`, steps(`${id}${name}`, [0.6, 0.6])),
  );
  const before = new Set(containersOf(server));
  const cut = new AbortController();
  let interruptedAt = Number.POSITIVE_INFINITY;
  const crash = setTimeout(() => void server.kill('SIGKILL').then(server.start), CRASH_AFTER_MS);
  const timers = [
    crash,
    setTimeout(() => {
      interruptedAt = Date.now();
      cut.abort();
      // What becomes of the server after the run has been killed is no part of the run.
      if (by === 'kill') clearTimeout(crash);
    }, atMs),
  ];
  let endedAt = 0;
  const engine = {
    env: server.env,
    inputs: { engine: 'podman', 'engine-url': server.url, 'extra-args': '--network=none' },
  };
  const ends = by === 'cancel' ? ([cut.signal, undefined] as const) : ([undefined, cut.signal] as const);
  const watch = setInterval(() => {
    if (endedAt === 0 && mainOf(temp) === 0 && Date.now() > interruptedAt) endedAt = Date.now();
  }, 25);
  const run = await runBundle(engine, { workspace, temp }, images, { secrets: 'token=hunter2hunter2' }, ...ends);
  clearInterval(watch);
  for (const timer of timers) clearTimeout(timer);
  await server.start();
  const tookMs = Number.isFinite(interruptedAt) && endedAt > 0 ? endedAt - interruptedAt : 0;
  // The server may need a moment for what its client has left; a cancelled run has five seconds in all.
  const until = by === 'cancel' ? Math.max(Date.now() + 500, interruptedAt + CANCEL_WITHIN_MS) : Date.now() + 500;
  let found = look();
  while (Number.isFinite(until) && Date.now() < until && found.processes.length + found.containers.length > 0) {
    await sleep(100);
    found = look();
  }
  rmSync(workspace, { recursive: true, force: true });
  return { atMs, tookMs, run, ...found };

  function look() {
    return {
      processes: [...commandLines().filter((line) => line.includes(id)), ...stepsBelow(folder)],
      containers: containersOf(server).filter((line) => !before.has(line)),
      files: [
        ...readdirSync(temp).filter((name) => !/^(runner-|user-cache$|e2e-build-[0-9a-f-]{36}$)/.test(name)),
        ...images.flatMap(({ context }) =>
          readdirSync(join(workspace, context)).filter((name) => !['Containerfile', 'rootfs'].includes(name)),
        ),
      ],
    };
  }
}

/** Steps that the runtime still has a process of, also one that never came to its command. */
function stepsBelow(folder: string): string[] {
  const { stdout } = spawnSync('runc', ['list', '--format', 'json'], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  const steps: { bundle: string; pid: number; status: string }[] = JSON.parse(stdout || '[]') ?? [];
  return steps
    .filter(({ bundle, pid }) => bundle.startsWith(`${folder}/`) && pid > 0 && existsSync(`/proc/${pid}`))
    .map(({ bundle, status }) => `a step, ${status}: ${bundle}`);
}

function containersOf(server: Server): string[] {
  const format = '{{.ID}} {{.CreatedAt}} {{.State}} {{.ImageID}} {{.Image}} {{.Command}}';
  const env = { ...process.env, ...server.env };
  const args = ['--url', server.url, 'ps', '--all', '--external', '--format', format];
  return spawnSync('podman', args, { encoding: 'utf8', env })
    .stdout.split('\n')
    .filter((line) => line !== '');
}

/** How many processes of the action itself have this temporary folder. */
function mainOf(temp: string): number {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || !read(`/proc/${pid}/cmdline`).includes('dist/index.js')) return false;
    return read(`/proc/${pid}/environ`).includes(`RUNNER_TEMP=${temp}`);
  }).length;
}

function commandLines(): string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .map((pid) => read(`/proc/${pid}/cmdline`).replaceAll('\0', ' '));
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Interrupts so many runs, some at once, each at a random moment; a seed that repeats the moments is in the message. */
async function interruptAll(by: 'cancel' | 'kill'): Promise<Aftermath[]> {
  const seed = Date.now() % 2 ** 31;
  const moments = fc.sample(fc.integer({ min: STARTED_MS, max: RUN_MS }), { numRuns: MOMENTS, seed });
  console.log(`${MOMENTS} moments, seed ${seed}`);
  const found: Aftermath[] = [];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'e2e-cut-'));
      const server = await startPodmanServer({ folder: join(folder, 'engine') });
      try {
        for (let at = moments.pop(); at !== undefined; at = moments.pop()) {
          found.push(await interrupt(by, at, server, folder));
        }
      } finally {
        await server.stop();
        rmSync(folder, { recursive: true, force: true });
      }
    }),
  );
  return found;
}

/** What is left of a run, with what the run itself says of its clean-up. */
const left = ({ atMs, processes, containers, files, run }: Aftermath) =>
  [...processes, ...containers, ...files].map((what) => {
    const told = run.events.flatMap((event) => (event.type === 'cleaned-up' ? event.left : []));
    return `at ${atMs} ms: ${what} ${JSON.stringify(told)}`;
  });

/**
 * A server that lives may leak a container by itself when its client vanishes (podman 4.3.1). Nobody can tell it from one that
 * somebody else's build works in, so it is left, and the report says so: rarely, and never in silence.
 */
function expectNothingLeft(found: Aftermath[]): void {
  const told = found.filter(
    ({ run, containers }) =>
      containers.length > 0 &&
      run.events.some((event) => event.type === 'cleaned-up' && event.left.some((why) => LEFT_TO_SERVER.test(why))),
  );
  expect(found.filter((one) => !told.includes(one)).flatMap(left)).toEqual([]);
  expect(told.flatMap(({ processes, files }) => [...processes, ...files])).toEqual([]);
  expect(told.length).toBeLessThanOrEqual(3);
}

it('a run that is cancelled at any moment ends within five seconds, tells it, and leaves nothing', async () => {
  const found = await interruptAll('cancel');
  expectNothingLeft(found);
  expect(
    found.filter(({ tookMs }) => tookMs > CANCEL_WITHIN_MS).map(({ atMs, tookMs }) => `${atMs}: ${tookMs}`),
  ).toEqual([]);
  for (const { run, atMs } of found) {
    expect({ atMs, post: run.postExitCode }).toEqual({ atMs, post: 0 });
    // Before it listens, and in the moment in which Node takes its handlers away, a signal ends the process.
    if (run.exitCode === null) expect(run.events.length === 0 || run.outputs['result'] !== undefined).toBe(true);
    else
      expect([atMs, run.exitCode, run.outputs['result']]).toEqual(
        run.exitCode === 0 ? [atMs, 0, 'success'] : [atMs, 1, 'cancelled'],
      );
    if (run.exitCode === 1) expect(run.summary).toMatch(/^## Cancelled/m);
    // The post step tells nothing again.
    if (run.exitCode !== null && run.events.length > 0)
      expect(run.events.filter(({ type }) => type === 'run-ended')).toHaveLength(1);
  }
  expect(found.filter(({ run }) => run.outputs['result'] === 'cancelled').length).toBeGreaterThan(MOMENTS / 3);
}, 600_000);

it('a run that is killed at any moment is told by its post step, which leaves nothing either', async () => {
  const found = await interruptAll('kill');
  expectNothingLeft(found);
  for (const { run, atMs } of found) {
    expect({ atMs, post: run.postExitCode }).toEqual({ atMs, post: 0 });
    const began = run.events.some(({ type }) => type === 'run-started');
    const ended = run.events.some(({ type }) => type === 'run-ended');
    if (began) expect(run.summary).toMatch(ended ? /^## / : /^## Interrupted/m);
    expect([null, 0]).toContain(run.exitCode);
  }
  expect(found.filter(({ run }) => /^## Interrupted/m.test(run.summary)).length).toBeGreaterThan(MOMENTS / 3);
}, 600_000);
