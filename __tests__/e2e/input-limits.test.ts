import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runAction } from '../../demo/runner.mjs';

const MOST_MS = 5_000;
const MOST_BYTES = 300 * 2 ** 20;
/** The most that one variable of the environment, and so one input, can hold on Linux (execve(2)). */
const LONGEST = 128 * 1024 - 20;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'e2e-limits-'));
  mkdirSync(join(folder, 'workspace'));
  writeFileSync(join(folder, 'workspace', 'f'), 'FROM scratch\n');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const fill = (part: string, before = '', after = '') =>
  before + part.repeat(Math.floor((LONGEST - before.length - after.length) / part.length)) + after;
const many = (of: (index: number) => string) => {
  let text = '';
  for (let index = 0; text.length < LONGEST - 40; index += 1) text += of(index);
  return text;
};

const HOSTILE: [string, Record<string, string>, RegExp][] = [
  [
    'a bomb of aliases',
    {
      images: `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefghi'].map((name, at) => `${name}: &${name} [${`*${'abcdefgh'[at]},`.repeat(9)}]`).join('\n')}`,
    },
    /images: seen .*Excessive alias count/,
  ],
  ['nested lists', { images: fill('[') }, /images: seen "more than 100 nested/],
  ['nested dashes', { images: fill('- ') }, /images, line 1/],
  ['a list of one letter', { images: fill('a,', '[', 'a]') }, /images: seen "\d+ images", expected at most 10000/],
  ['one key again and again', { images: fill('a: f\n') }, /"a" is there already/],
  [
    'as many keys as there is room for',
    { images: `{${many((index) => `k${index.toString(36)}: 1, `)}}` },
    /images: seen "\d+ images", expected at most 10000|file: seen "1"/,
  ],
  ['images of one name', { images: fill('{name: a, file: f},', '[', ']') }, /expected a name that no other image has/],
  [
    'names that begin with a dash',
    { images: '[{name: -x, file: f}, {name: --y, file: f, tags: [-z]}]' },
    /tags\[0\]: seen "-z", expected an image reference/,
  ],
  [
    'tags that are no references',
    { images: '[{name: a, file: f, tags: ["a b", "A:b", "x:$(id)", "../x"]}]' },
    /tags\[3\]: seen "\.\.\/x"/,
  ],
  ['a key of its own', { images: '[{name: a, file: f, wants: [a]}]' }, /wants/],
  [
    'targets without end',
    { images: '[{name: a, file: f}]', targets: many((index) => `t${index},`) },
    /targets: seen "t0".*and \d+ more problems/s,
  ],
  [
    'build arguments without a name',
    { images: '[{name: a, file: f}]', 'build-args': fill('=\n') },
    /build-args: seen "=".*and \d+ more problems/s,
  ],
  [
    'secrets without a name',
    { images: '[{name: a, file: f}]', secrets: fill('x\n') },
    /secrets: seen "an entry of 1 characters"/,
  ],
];

const rows = (count: number, of: (index: number) => string) =>
  Array.from({ length: count }, (_, at) => of(at)).join('');
const MANY = Array.from({ length: 100 }, (_, at) => `f${at}.yml`);
const BAKE_GROUPS = (of: (index: number) => string) =>
  `{"target": {"t": {"context": "."}}, "group": {${rows(18_000, of)} "default": {"targets": ["t"]}}}`;

/** The files of each are all given to `files`; text that is the same in many is written many times. */
const HOSTILE_FILES: [string, Record<string, string>, RegExp][] = [
  [
    'a hundred files that are each near the limit of words',
    Object.fromEntries(MANY.map((name) => [name, `[${'a,'.repeat(130_000)}a]`])),
    /files: f1\.yml: seen "more than 200000 words and lists with the file before it", expected at most 200000 in all/,
  ],
  [
    'a hundred files that are each near the limit of bytes',
    Object.fromEntries(MANY.map((name, at) => [name, `i${at}: f # ${'x'.repeat(2_000_000)}`])),
    /files: f1\.yml: seen "4\d+ characters with the file before it", expected at most 2097152 in all/,
  ],
  [
    'a hundred files that are together just within the limit of words',
    Object.fromEntries(MANY.map((name) => [name, `[${'a,'.repeat(1_300)}a]`])),
    /files: f7\.yml: seen "more than 10000 images with the 7 files before it", expected at most 10000 in all/,
  ],
  [
    'a file of words just within the limit',
    { 'f.yml': `[${'a,'.repeat(132_000)}a]` },
    /f\.yml: images: seen "132001 images", expected at most 10000/,
  ],
  [
    'a file of small lists just within the limit',
    { 'f.yml': `[${'[a],'.repeat(56_000)}a]` },
    /f\.yml: images: seen "56001 images", expected at most 10000/,
  ],
  [
    'a hundred files that are each too small to matter',
    Object.fromEntries(MANY.map((name) => [name, `[${'a,'.repeat(8_000)}a]`])),
    /files: f16\.yml: seen "more than 200000 words and lists with the 16 files before it"/,
  ],
  [
    'a hundred files that nest as deep as a small one can',
    Object.fromEntries(MANY.map((name) => [name, '['.repeat(16_000)])),
    /files: f6\.yml: seen "more than 200000 words and lists with the 6 files before it"/,
  ],
  [
    'a bomb of aliases',
    {
      'f.yml': `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefghi'].map((name, at) => `${name}: &${name} [${`*${'abcdefgh'[at]},`.repeat(9)}]`).join('\n')}`,
    },
    /f\.yml: seen .*Excessive alias count/,
  ],
  [
    'a hundred small bombs of aliases',
    Object.fromEntries(MANY.map((name) => [name, `a: &a [${'x,'.repeat(400)}]\nb: [${'*a,'.repeat(200)}]\n`])),
    /files: f3\.yml: seen "more than 250000 values with the 3 files before it"/,
  ],
  [
    'defaults that every image gets a copy of',
    {
      'f.yml': `defaults: {labels: {${rows(20_000, (at) => `l${at}: x, `)}}}\nimages: {${rows(10_000, (at) => `i${at}: f, `)}}`,
    },
    /files: f\.yml: seen "more than 250000 values", expected at most 250000 in all/,
  ],
  [
    'targets that each inherit a large one',
    {
      'docker-bake.json': `{"target": {"_all": {"args": {${rows(20_000, (at) => `"a${at}": "x", `)} "z": ""}}${rows(5_000, (at) => `, "t${at}": {"inherits": ["_all"], "args": {"own": "x"}}`)}}}`,
    },
    /files: docker-bake\.json: seen "more than 250000 values"/,
  ],
  [
    'groups in groups in groups',
    { 'docker-bake.json': BAKE_GROUPS((at) => `"g${at}": {"targets": ["g${at + 1}"]},`) },
    /docker-bake\.json: group\.g\d+: seen "more than 250000 names with those of other groups"/,
  ],
];

describe('hostile definition files', () => {
  it.each(HOSTILE_FILES)('end in a clear error, soon and within bounds: %s', async (_, files, message) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'workspace', name), text);
    const result = await run({ files: Object.keys(files).join(',') });
    expect(result.log).toMatch(message);
    expect(result.exitCode).toBe(1);
    expect(result.outputs['result']).toBe('failure');
    expect(result.log.length).toBeLessThan(100_000);
  });
});

describe('hostile inputs', () => {
  it.each(HOSTILE)('end in a clear error, soon and within bounds: %s', async (_, inputs, message) => {
    const result = await run(inputs);
    expect(result.log).toMatch(message);
    expect(result.exitCode).toBe(1);
    expect(result.outputs['result']).toBe('failure');
    expect(result.log.length).toBeLessThan(100_000);
  });

  it('of 10,000 images are planned, and fail for want of an engine only', async () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `i${index.toString(36)}: f`);
    // It comes to the search for an engine, which is waited for, as it may be restarting.
    const result = await run({ images: names.join('\n') }, 3_500);
    expect(result.log).toMatch(/The engine podman does not answer/);
    expect(result.exitCode).toBe(1);
  });
});

/** `patienceMs`: what may be added to the time, for what is no part of reading. */
async function run(inputs: Record<string, string>, patienceMs = 0) {
  const temp = join(folder, 'temp');
  const result = await runAction({
    action: process.cwd(),
    workspace: join(folder, 'workspace'),
    temp,
    inputs: { engine: 'podman', 'engine-url': `unix://${folder}/none.sock`, ...inputs },
  });
  expect(result.durationMs).toBeLessThan(MOST_MS + patienceMs);
  expect(result.peakRssBytes).toBeLessThan(MOST_BYTES);
  expect(readdirSync(temp).filter((name) => !name.startsWith('runner-'))).toEqual([]);
  return result;
}
