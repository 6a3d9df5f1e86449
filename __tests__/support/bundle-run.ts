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

/** Runs the bundled action of this checkout on an engine, with short waits between attempts. */
export async function runBundle(
  engine: { env: Record<string, string>; inputs: Record<string, string> },
  { workspace, temp }: { workspace: string; temp: string },
  images: object[],
  inputs: Record<string, string> = {},
  signal?: AbortSignal,
  kill?: AbortSignal,
): Promise<Run> {
  const result = await runAction({
    action: process.cwd(),
    workspace,
    temp,
    env: engine.env,
    ...(signal === undefined ? {} : { signal }),
    ...(kill === undefined ? {} : { kill }),
    inputs: {
      images: JSON.stringify(images),
      'retry-min-timeout': '500ms',
      'retry-max-timeout': '1s',
      ...engine.inputs,
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
