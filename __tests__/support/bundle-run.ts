import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runAction } from '../../demo/runner.mjs';
import type { JournalEvent } from '../../src/journal/events.js';
import { parseJournal } from '../../src/journal/lines.js';

/** What a run of the bundled action left. */
export interface Run {
  exitCode: number | null;
  postExitCode: number | null;
  /** When main's process had ended, in milliseconds since the epoch. */
  endedAt: number;
  outputs: Record<string, string>;
  images: Record<string, { id: string | null; attempts: number; verdict: string }>;
  summary: string;
  log: string;
  events: JournalEvent[];
}

/** Where the action is run. `before`: words put before Node, such as `unshare -n`. */
interface Place {
  workspace: string;
  temp: string;
  before?: string[];
}

/** Runs the bundled action of this checkout on an engine, with short waits between attempts. */
export function runBundle(
  engine: { env: Record<string, string>; inputs: Record<string, string> },
  at: Place,
  images: object[],
  inputs: Record<string, string> = {},
  signal?: AbortSignal,
  kill?: AbortSignal,
): Promise<Run> {
  const all = { images: JSON.stringify(images), ...engine.inputs, ...inputs };
  return runEntry(false, engine.env, at, all, signal, kill);
}

/** Runs the bundled action that loads archives, on an engine. */
export function runLoad(
  engine: { env: Record<string, string>; inputs: Record<string, string> },
  at: Place,
  inputs: Record<string, string>,
): Promise<Run> {
  return runEntry(true, engine.env, at, { ...engine.inputs, ...inputs });
}

async function runEntry(
  loads: boolean,
  env: Record<string, string>,
  at: Place,
  inputs: Record<string, string>,
  signal?: AbortSignal,
  kill?: AbortSignal,
): Promise<Run> {
  const result = await runAction({
    action: process.cwd(),
    loads,
    ...at,
    env,
    ...(signal === undefined ? {} : { signal }),
    ...(kill === undefined ? {} : { kill }),
    inputs: {
      'retry-min-timeout': '500ms',
      'retry-max-timeout': '1s',
      ...inputs,
    },
  });
  const report = result.outputs['report'] ?? result.state['folder'];
  return {
    exitCode: result.exitCode,
    postExitCode: result.postExitCode,
    endedAt: result.endedAt,
    outputs: result.outputs,
    images: JSON.parse(result.outputs['images'] ?? '{}'),
    summary: result.summary,
    log: result.log,
    events:
      report === undefined || !existsSync(join(report, 'journal.ndjson'))
        ? []
        : parseJournal(readFileSync(join(report, 'journal.ndjson'), 'utf8')).events,
  };
}
