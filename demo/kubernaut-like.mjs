// The images of examples/kubernaut-like: what their contexts need beside what the repository holds.
import { createCipheriv } from 'node:crypto';
import { closeSync, cpSync, existsSync, mkdirSync, openSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { addBusybox, findBusybox } from './example-images.mjs';

/** The context of `llm-api`: so many files of so many bytes, 200 MB together. */
const MODELS = { files: 4, bytes: 50_000_000 };
const BLOCK_BYTES = 1_000_000;

/**
 * Copies the images into a workspace (`examples/kubernaut-like` there) and fills their contexts. The base is new in every
 * run, so that no cache of an earlier one spares the engine the steps.
 * @param {string} examples folder
 * @param {string} workspace folder
 * @returns {{ definition: string, buildArgs: string }} path of images.yml in the workspace; the action's input `build-args`
 */
export function prepareKubernautLike(examples, workspace) {
  const folder = join(workspace, 'examples', 'kubernaut-like');
  const models = join(examples, 'kubernaut-like', 'llm-api', 'models');
  const options = { recursive: true, verbatimSymlinks: true };
  cpSync(join(examples, 'kubernaut-like'), folder, { ...options, filter: (path) => path !== models });
  writeFileSync(join(folder, 'base', 'rootfs', 'etc', 'platform', 'copied-at'), new Date().toISOString());
  return { definition: join('examples', 'kubernaut-like', 'images.yml'), ...fillContexts(folder) };
}

/**
 * Makes what is missing in the images' contexts: the base's busybox, where this machine has a static one, and the models.
 * @param {string} folder examples/kubernaut-like, or a copy
 * @returns {{ buildArgs: string }} the action's input `build-args`
 */
export function fillContexts(folder) {
  const models = join(folder, 'llm-api', 'models');
  mkdirSync(models, { recursive: true });
  for (let index = 1; index <= MODELS.files; index += 1) writeModel(join(models, `model-${index}.bin`), index);
  const busybox = findBusybox();
  const bin = join(folder, 'base', 'rootfs', 'bin');
  if (busybox !== undefined && !existsSync(join(bin, 'busybox'))) addBusybox(busybox, bin);
  return { buildArgs: busybox === undefined ? '' : 'BASE=scratch' };
}

/** A stream cipher's key stream: it does not compress, and is the same in every run. @param {string} path @param {number} seed */
function writeModel(path, seed) {
  if (existsSync(path)) return;
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16));
  const zeros = Buffer.alloc(BLOCK_BYTES);
  const file = openSync(`${path}.part`, 'w');
  for (let written = 0; written < MODELS.bytes; written += BLOCK_BYTES) writeSync(file, cipher.update(zeros));
  closeSync(file);
  renameSync(`${path}.part`, path);
}
