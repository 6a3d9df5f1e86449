import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CACHED_FILE, restoreFile, SERVICE_EXIT, saveFile } from '../history/cache-service.js';
import { formatHistory, type History, NO_HISTORY } from '../history/history.js';
import { type ReadHistory, readHistoryFile } from './history-files.js';
import { askByCommand } from './process.js';

/** By this word the bundle knows that it is to speak to the cache service, and nothing else. */
export const CACHE_SERVICE = 'cache-service';

/** What the toolkit prints when something is wrong, partly as if it were not. */
const COMPLAINT = /^(?:::(?:warning|error)[^:]*::|(?=Failed to save: |Cache \w+ skipped: ))(.*)$/;
const LONGEST_COMPLAINT = 500;

type Act = 'restore' | 'save';

/** What came of asking the cache service; `none`: there is none after all, `failed`: why it gave no answer. */
export type Restored = ({ kind: 'answered' } & ReadHistory) | { kind: 'none' } | { kind: 'failed'; why: string };

export type Saved = { kind: 'saved' } | { kind: 'none' } | { kind: 'failed'; why: string };

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

/** Reads the newest entry whose key begins with this. An entry that is no history is a warning. */
export function restoreHistory(keyPrefix: string, call: ServiceCall): Promise<Restored> {
  return withFolder(call, async (folder): Promise<Restored> => {
    const asked = await ask('restore', folder, keyPrefix, call);
    if (asked.kind !== 'done') return asked;
    const file = join(folder, CACHED_FILE);
    // The toolkit tells a miss from a service that is down by what it prints alone.
    if (!existsSync(file)) {
      return asked.complaint === undefined
        ? { kind: 'answered', history: NO_HISTORY, warnings: [] }
        : { kind: 'failed', why: asked.complaint };
    }
    const history = readHistoryFile(file);
    const warnings = history === undefined ? ["the cache service's entry is no history of this version"] : [];
    return { kind: 'answered', history: history ?? NO_HISTORY, warnings };
  });
}

/** Saves the history as an entry of its own. */
export function saveHistory(key: string, history: History, call: ServiceCall): Promise<Saved> {
  return withFolder(call, async (folder): Promise<Saved> => {
    writeFileSync(join(folder, CACHED_FILE), formatHistory(history));
    const asked = await ask('save', folder, key, call);
    return asked.kind === 'done' ? { kind: 'saved' } : asked;
  });
}

/**
 * The whole life of that process. It is one of its own because the toolkit goes by the working folder and the workspace,
 * prints errors that would be annotations of the job, retries for half a minute, and takes a quarter of a second to load.
 */
export async function cacheServiceProcess([act, folder = '', key = '']: readonly string[]): Promise<void> {
  process.chdir(folder);
  process.exitCode = await (act === 'save' ? saveFile(key) : restoreFile(key));
}

type Asked = { kind: 'done'; complaint: string | undefined } | { kind: 'none' } | { kind: 'failed'; why: string };

async function ask(act: Act, folder: string, key: string, { limitMs, mark, signal }: ServiceCall): Promise<Asked> {
  // Beside the file of the post step, which is another.
  const bundle = join(dirname(process.argv[1] ?? ''), 'index.js');
  const env = { ...mark, GITHUB_WORKSPACE: folder, RUNNER_TEMP: folder, RUNNER_DEBUG: '' };
  const command = { file: process.execPath, args: [bundle, CACHE_SERVICE, act, folder, key], env };
  const { code, stdout, failure } = await askByCommand(command, limitMs, signal);
  const complaint = complaintIn(stdout);
  if (code === SERVICE_EXIT.done) return { kind: 'done', complaint };
  if (code === SERVICE_EXIT.none) return { kind: 'none' };
  return { kind: 'failed', why: complaint ?? failure ?? `the process that asked it ended with exit code ${code}` };
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

async function withFolder<T>({ temporary }: ServiceCall, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = join(temporary, `e2e-build-history-${randomUUID()}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
