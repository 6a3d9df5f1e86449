import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type Lab, openLab } from '../support/lab.js';
import { readAsRunner } from '../support/runner-log.js';
import { writeImage } from '../support/workload.js';

let lab: Lab;
beforeEach(async () => {
  lab = await openLab();
});
afterEach(async () => {
  await lab.close();
});

/** Each would be a command if the runner saw it at the beginning of a line. */
const INJECTED = [
  '::error::injected',
  '::set-output name=x::injected',
  '::add-mask::injected',
  '::stop-commands::injected',
  '##[error]injected',
  '::endgroup::',
];
const HOSTILE_NAME = 'a ##[error]injected ::error::injected <script>alert(1)</script> | `x` [l](http://evil.example)';
const say = (text: string) => `/bin/busybox printf '%s\\n' '${text}'`;

it('the runner sees no command that a build, a name, an engine or a recovery-command has made up', async () => {
  const evil = writeImage(lab.workspace, 'evil', [
    // Lines of every kind of end, colours that stay open, a title for the terminal, NULs, bytes that are no UTF-8.
    `RUN ${INJECTED.map(say).join('; ')}; printf '\\r::error::injected\\r\\n::error::injected\\033[31m\\033]0;t\\007::error::injected\\n\\000::error::injected\\377\\376\\n'`,
    'RUN head -c 100000000 /dev/zero | tr "\\\\0" x; echo; echo ::error::injected',
    'LABEL x="::error::injected"',
  ]);
  const broken = writeImage(lab.workspace, 'broken', [
    `RUN ${say('Error: ::error::injected ##[error]injected')} >&2; exit 3 # ::error::injected`,
  ]);
  renameSync(join(lab.workspace, 'broken/Containerfile'), join(lab.workspace, 'broken/::error::injected'));
  let killed = false;
  lab.watch((clients) => {
    if (killed || clients === 0) return;
    killed = true;
    setTimeout(() => lab.kill(3_000), 600);
  });
  const run = await lab.run(
    [
      { ...evil, labels: { '::error::injected': '##[error]injected' } },
      { ...broken, name: HOSTILE_NAME, file: 'broken/::error::injected' },
    ],
    {
      recovery: 'restart',
      'recovery-command': `${INJECTED.map((text) => `echo '${text}'`).join('; ')}; printf 'x\\r::error::injected'`,
    },
  );
  expect(run.images['evil']).toMatchObject({ verdict: 'success' });
  expect(run.images[HOSTILE_NAME]).toMatchObject({ verdict: 'build-failed' });
  const { commands } = readAsRunner(run.log);
  expect(commands.filter(({ name }) => !/^(group|endgroup|stop-commands|warning|error)$/.test(name))).toEqual([]);
  expect(commands.filter(({ name, data }) => name === 'error' && data.startsWith('injected'))).toEqual([]);
  expect(commands.filter(({ name, data }) => name === 'stop-commands' && data === 'injected')).toEqual([]);
  const groups = commands.filter(({ name }) => name === 'group').length;
  expect(commands.filter(({ name }) => name === 'endgroup')).toHaveLength(groups);
  const tokens = commands.filter(({ name }) => name === 'stop-commands').map(({ data }) => data);
  expect(new Set(tokens).size).toBe(groups);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  expect(run.log).not.toMatch(/[\x00\x07]|\x1b\]|\x1b\[[^\dm]/);
  expect(run.log.length).toBeLessThan(4 * 2 ** 20);
  // In code spans and fences anything may stand.
  const prose = run.summary
    .replace(/```[\s\S]*?```/g, '')
    .replace(/<code>[^<]*<\/code>/g, '')
    .replace(/(`+)[^\n]*?\1/g, '');
  expect(prose).not.toMatch(/<script>|\]\(http:\/\/evil/);
  expect(run.outputs).toMatchObject({ result: 'failure' });
});

/** Runs in a temporary folder of the system of its own, and tells what is in it at the end. */
async function runWithin(image: object, kill?: AbortSignal) {
  const temporary = join(lab.workspace, '../tmp');
  mkdirSync(temporary);
  let shared: string[] = [];
  lab.watch((clients) => {
    if (clients > 0) shared = readdirSync(temporary);
  });
  const run = await lab.run([image], {}, undefined, { TMPDIR: temporary }, kill);
  return { run, shared, left: readdirSync(temporary) };
}

it("a finished run leaves nothing in the system's temporary folder", async () => {
  const { run, shared, left } = await runWithin(writeImage(lab.workspace, 'a', ['RUN /bin/busybox sleep 1']));
  expect(run.exitCode).toBe(0);
  expect(shared).toContainEqual(expect.stringMatching(/^e2e-build-lanes-\d+$/));
  expect(left).toEqual([]);
});

it('nor does one that was killed, once its post step has run', async () => {
  const kill = new AbortController();
  lab.watch((clients) => {
    if (clients > 0) setTimeout(() => kill.abort(), 500);
  });
  const image = writeImage(lab.workspace, 'a', ['RUN /bin/busybox sleep 60']);
  const { run, shared, left } = await runWithin(image, kill.signal);
  expect([run.exitCode, run.postExitCode]).toEqual([null, 0]);
  expect(shared).toContainEqual(expect.stringMatching(/^e2e-build-lanes-\d+$/));
  expect(left.filter((name) => name.startsWith('e2e-build-'))).toEqual([]);
});

it('a finished run leaves nothing but its report, and its process ends with its last line', async () => {
  const before = spawnSync('ls', ['-A', join(lab.workspace, '../temp')], { encoding: 'utf8' }).stdout;
  const run = await lab.run([writeImage(lab.workspace, 'a', ['RUN true'])]);
  const after = spawnSync('ls', ['-A', join(lab.workspace, '../temp')], { encoding: 'utf8' }).stdout;
  expect(run.exitCode).toBe(0);
  expect(before).toBe('');
  expect(
    after
      .trim()
      .split('\n')
      .map((name) => name.replace(/-.*/s, '')),
  ).toEqual(['e2e', 'runner', 'user']);
  const ended = run.events.find(({ type }) => type === 'run-ended')?.at ?? 0;
  expect(run.endedAt - ended).toBeLessThan(1_000);
});
