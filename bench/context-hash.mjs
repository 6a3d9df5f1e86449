// How long the hash of a context takes that holds 1 GB, beside sha256sum of the same files in one process.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import './typescript.mjs';

const { hashContext } = await import('../src/host/context-hash.ts');

const BYTES = 1e9;
const RUNS = 3;
const FILES_PER_FOLDER = 100;
const CHUNK = randomBytes(2 ** 20);

/** @typedef {{ what: string, ours: number[], raw: number[] }} Timed milliseconds of each run */

/** 1 GB in few large files and in many small ones, both in the page cache, as after a checkout. @param {string} folder */
export async function timeContextHashes(folder) {
  /** @type {Timed[]} */
  const timed = [];
  for (const count of [20, 20_000]) {
    const context = join(folder, `context-${count}`);
    writeContext(context, count);
    try {
      timed.push(await timeContext(context, count));
    } finally {
      rmSync(context, { recursive: true, force: true });
    }
  }
  return timed;
}

/** @param {string} context @param {number} count @returns {Promise<Timed>} */
async function timeContext(context, count) {
  const ours = [];
  const raw = [];
  for (let run = 0; run < RUNS; run += 1) {
    let began = performance.now();
    const hashed = await hashContext(context, undefined, new AbortController().signal);
    ours.push(performance.now() - began);
    if (hashed?.files !== count || hashed.bytes !== BYTES) {
      throw new Error(`the hash saw ${hashed?.files} files of ${hashed?.bytes} bytes, expected ${count} of ${BYTES}`);
    }
    began = performance.now();
    const sums = spawnSync('find', [context, '-type', 'f', '-exec', 'sha256sum', '{}', '+'], { maxBuffer: 2 ** 26 });
    raw.push(performance.now() - began);
    if (sums.status !== 0) throw new Error(`sha256sum failed:\n${sums.stderr}`);
  }
  return { what: `hash of a context: 1 GB in ${count.toLocaleString('en')} files`, ours, raw };
}

/** Without holes, which are read faster than anything. @param {string} context @param {number} count */
function writeContext(context, count) {
  for (let index = 0; index < count; index += 1) {
    const folder = join(context, `folder-${Math.floor(index / FILES_PER_FOLDER)}`);
    if (index % FILES_PER_FOLDER === 0) mkdirSync(folder, { recursive: true });
    const file = openSync(join(folder, `file-${index}`), 'w');
    for (let left = BYTES / count; left > 0; left -= CHUNK.length) {
      writeSync(file, CHUNK, 0, Math.min(left, CHUNK.length));
    }
    closeSync(file);
  }
}
