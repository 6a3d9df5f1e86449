import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type EntryAct, type EntryKind, FOUND_FILE, performAct, SERVICE_EXIT } from '../history/cache-service.js';
import { askByCommand } from './process.js';

/** By this word the bundle knows that it is to speak to the cache service, and nothing else. */
export const CACHE_SERVICE = 'cache-service';

/** What the toolkit prints when something is wrong, partly as if it were not. */
const COMPLAINT = /^(?:::(?:warning|error)[^:]*::|(?=Failed to save: |Cache \w+ skipped: ))(.*)$/;
const LONGEST_COMPLAINT = 500;

/**
 * What came of it, with the key of the entry that was found; `none`: there is no service after all, `missing`: it has no such
 * entry, `failed`: why it gave no answer.
 */
export type Asked =
  | { kind: 'done'; key?: string }
  | { kind: 'missing' }
  | { kind: 'none' }
  | { kind: 'failed'; why: string };

/** How the process that speaks to the cache service is started: by what mark it is known, and how long it may take. */
export interface ServiceCall {
  /** An existing folder, in which one of its own is made and removed. */
  temporary: string;
  limitMs: number;
  mark?: Record<string, string>;
  signal?: AbortSignal;
}

/** Whether the runner told of a cache service (https://github.com/actions/toolkit/tree/main/packages/cache). */
export function toldOfCacheService({ ACTIONS_RUNTIME_TOKEN, ...env }: NodeJS.ProcessEnv): boolean {
  return Boolean(ACTIONS_RUNTIME_TOKEN) && Boolean(env['ACTIONS_RESULTS_URL'] || env['ACTIONS_CACHE_URL']);
}

/** Asks the cache service for one thing; an entry's files are in this folder, before or afterwards. */
export async function askCacheService(
  act: EntryAct,
  { kind, key }: { kind: EntryKind; key: string },
  folder: string,
  { limitMs, mark, signal }: ServiceCall,
): Promise<Asked> {
  // Beside the file of the post step, which is another.
  const bundle = join(dirname(process.argv[1] ?? ''), 'index.js');
  const env = { ...mark, GITHUB_WORKSPACE: folder, RUNNER_TEMP: folder, RUNNER_DEBUG: '' };
  const command = { file: process.execPath, args: [bundle, CACHE_SERVICE, act, folder, kind, key], env };
  const { code, stdout, failure } = await askByCommand(command, limitMs, signal);
  const complaint = complaintIn(stdout);
  const found = join(folder, FOUND_FILE);
  if (code === SERVICE_EXIT.done)
    return { kind: 'done', ...(existsSync(found) ? { key: readFileSync(found, 'utf8') } : {}) };
  if (code === SERVICE_EXIT.none) return { kind: 'none' };
  // The toolkit tells a miss from a service that is down by what it prints alone.
  if (code === SERVICE_EXIT.missing && complaint === undefined) return { kind: 'missing' };
  return { kind: 'failed', why: complaint ?? failure ?? `the process that asked it ended with exit code ${code}` };
}

/** Gives a folder of its own for as long as it is used. */
export async function withServiceFolder<T>(
  { temporary }: Pick<ServiceCall, 'temporary'>,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = join(temporary, `e2e-build-history-${randomUUID()}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * The whole life of that process. It is one of its own because the toolkit goes by the working folder and the workspace,
 * prints errors that would be annotations of the job, retries for half a minute, and takes a quarter of a second to load.
 */
export async function cacheServiceProcess([act, folder = '', kind, key = '']: readonly string[]): Promise<void> {
  process.chdir(folder);
  const { exit, found } = await performAct(act as EntryAct, kind as EntryKind, key);
  if (found !== undefined) writeFileSync(FOUND_FILE, found);
  process.exitCode = exit;
}

/** What the toolkit says went wrong. Addresses are shown without what signs them, and the runner's token not at all. */
function complaintIn(stdout: string): string | undefined {
  const lines = stdout.split(/\r?\n/);
  const said = lines.flatMap((line) => COMPLAINT.exec(line)?.[1] ?? []);
  if (said.length === 0) return undefined;
  const shown = said.join('; ').replace(/(https?:\/\/[^\s?]*)\?\S*/g, '$1?…');
  const token = process.env['ACTIONS_RUNTIME_TOKEN'];
  return (token ? shown.replaceAll(token, '***') : shown).slice(0, LONGEST_COMPLAINT);
}
