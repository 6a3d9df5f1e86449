import { createHash, type Hash } from 'node:crypto';
import { lstat, open, readdir, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type IgnoreRules, ignoreFileOf, readIgnoreRules, rulesOf } from './ignore-file.js';

/** Files that are read at once: enough for the disk, and bounded memory. */
const AT_ONCE = 8;
/** Paths that are looked at at once: one after the other they take a third of the whole time. */
const LOOKS_AT_ONCE = 64;
const CHUNK_BYTES = 1024 * 1024;
/** A larger context is not worth the look: whoever reads so much can build it. */
const MOST_FILES = 500_000;

/** A context's content in one word, and how much it is. */
export interface ContextHash {
  /** SHA-256, in hexadecimal digits. */
  hash: string;
  bytes: number;
  files: number;
  /** Changes as soon as something of it is touched, which says no more than that it may have changed. */
  stamp: string;
}

interface Entry {
  path: string;
  /** What it is, beside its content: kind, permissions, target of a link. */
  facts: string;
  /** When it was touched last, and which file it is. */
  touched: string;
  size: number;
  content: string;
}

/**
 * The hash of what a build of this context can see: names, kinds, permissions and contents, after its ignore file; times do
 * not count, nor owners, which engines do not keep. Undefined when something of it cannot be read, or it is too large.
 */
export async function hashContext(
  context: string,
  file: string | undefined,
  signal: AbortSignal,
): Promise<ContextHash | undefined> {
  return hashFolder(context, ignoreFileOf(context, file), signal);
}

/**
 * The hash of a folder after this ignore file, as `hashContext`. With an earlier answer in `known` no file is read if none
 * has been touched since.
 */
export async function hashFolder(
  folder: string,
  ignoreFile: string | undefined,
  signal: AbortSignal,
  known?: ContextHash,
): Promise<ContextHash | undefined> {
  try {
    const entries = await listEntries(folder, rulesOf(ignoreFile), signal);
    if (entries === undefined) return undefined;
    return known?.stamp === stampOf(entries) ? known : await hashEntries(folder, entries, signal);
  } catch {
    return undefined;
  }
}

/** The hash of these files and folders of a context, as an instruction that copies them takes them; as `hashContext`. */
export async function hashPaths(
  context: string,
  paths: readonly string[],
  file: string | undefined,
  signal: AbortSignal,
): Promise<ContextHash | undefined> {
  try {
    const rules = readIgnoreRules(context, file);
    const lists = await Promise.all(paths.map((path) => listEntries(context, rules, signal, path)));
    if (lists.includes(undefined)) return undefined;
    return await hashEntries(
      context,
      lists.flatMap((list) => list as Entry[]),
      signal,
    );
  } catch {
    return undefined;
  }
}

/** As `hashPaths`, of names, kinds, permissions and sizes alone: what differs in it differs, at the cost of no file's content. */
export async function outlinePaths(
  context: string,
  paths: readonly string[],
  file: string | undefined,
  signal: AbortSignal,
): Promise<ContextHash | undefined> {
  try {
    const rules = readIgnoreRules(context, file);
    const lists = await Promise.all(paths.map((path) => listEntries(context, rules, signal, path)));
    if (lists.includes(undefined)) return undefined;
    const entries = lists.flatMap((list) => list as Entry[]);
    return summarise(entries.map((entry) => ({ ...entry, content: String(entry.size) })));
  } catch {
    return undefined;
  }
}

async function listEntries(
  context: string,
  rules: IgnoreRules,
  signal: AbortSignal,
  from = '',
): Promise<Entry[] | undefined> {
  const found: Entry[] = [];
  const pending = [from];
  for (let paths = pending.splice(-LOOKS_AT_ONCE); paths.length > 0; paths = pending.splice(-LOOKS_AT_ONCE)) {
    signal.throwIfAborted();
    for (const { entry, below } of await Promise.all(paths.map((path) => lookAt(context, path, rules)))) {
      if (entry !== undefined) found.push(entry);
      for (const path of below) pending.push(path);
    }
    if (found.length > MOST_FILES) return undefined;
  }
  return found;
}

/** What stands at this path, unless it is ignored, and the paths of what is in it that may not be. */
async function lookAt(context: string, path: string, rules: IgnoreRules): Promise<{ entry?: Entry; below: string[] }> {
  // The context itself may be a link to its folder.
  const stats = await (path === '' ? stat(context) : lstat(join(context, path)));
  const ignored = path !== '' && rules.ignores(stats.isDirectory() ? `${path}/` : path);
  if (ignored && !(stats.isDirectory() && rules.hasExceptions)) return { below: [] };
  const names = stats.isDirectory() ? await readdir(join(context, path)) : [];
  const below = names.map((name) => (path === '' ? name : `${path}/${name}`));
  if (ignored || path === '') return { below };
  const mode = (stats.mode & 0o7777).toString(8);
  const link = stats.isSymbolicLink() ? await readlink(join(context, path)) : '';
  const kind = stats.isDirectory() ? 'folder' : stats.isFile() ? 'file' : stats.isSymbolicLink() ? 'link' : 'other';
  const entry = {
    path,
    facts: `${kind} ${mode} ${link}`,
    touched: `${stats.mtimeMs} ${stats.ctimeMs} ${stats.ino}`,
    size: stats.isFile() ? stats.size : -1,
    content: '',
  };
  return { entry, below };
}

async function hashEntries(context: string, entries: Entry[], signal: AbortSignal): Promise<ContextHash> {
  // Before it is read: what is touched meanwhile differs from it.
  const stamp = stampOf(entries);
  const pending = entries.filter(({ size }) => size >= 0);
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
      for (let entry = pending.pop(); entry !== undefined; entry = pending.pop()) {
        entry.content = await hashFile(join(context, entry.path), buffer, signal);
      }
    }),
  );
  return summarise(entries, stamp);
}

function summarise(entries: Entry[], stamp = stampOf(entries)): ContextHash {
  const whole = createHash('sha256');
  let bytes = 0;
  let files = 0;
  for (const { path, facts, size, content } of inOrder(entries)) {
    whole.update(`${path}\0${facts}\0${content}\0`);
    bytes += Math.max(0, size);
    files += size >= 0 ? 1 : 0;
  }
  return { hash: whole.digest('hex'), bytes, files, stamp };
}

function stampOf(entries: Entry[]): string {
  const stamp = createHash('sha256');
  for (const { path, facts, touched, size } of inOrder(entries))
    stamp.update(`${path}\0${facts}\0${touched} ${size}\0`);
  return stamp.digest('hex');
}

/** By code units, as a locale's order differs between machines. */
function inOrder(entries: Entry[]): Entry[] {
  return entries.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function hashFile(path: string, buffer: Buffer, signal: AbortSignal): Promise<string> {
  const file = await open(path);
  try {
    const hash: Hash = createHash('sha256');
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}
