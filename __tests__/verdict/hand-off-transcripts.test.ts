import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Ending, VerdictClass } from '../../src/journal/events.js';
import { classify } from '../../src/verdict/classify.js';

interface HandOffTranscript {
  engine: string;
  version: string;
  mode: string;
  case: string;
  exit: number | null;
  stdout: string;
  stderr: string;
}

/** What each is to be given where a cluster is loaded into; in brackets what it is if the engine died, where that decides. */
const EXPECTED: Record<string, [VerdictClass] | [VerdictClass, VerdictClass]> = {
  'save-server-killed': ['engine-crash'],
  'save-server-gone': ['engine-crash'],
  'save-full-disk': ['resources-exhausted'],
  'save-unknown-image': ['build-failed', 'engine-crash'],
  'kind-no-nodes': ['usage-error'],
  'kind-unknown-cluster': ['usage-error'],
  'kind-no-archive': ['build-failed', 'engine-crash'],
  'kind-torn-archive': ['build-failed', 'engine-crash'],
  'kind-server-gone': ['engine-crash'],
  'kind-node-stopped': ['usage-error', 'engine-crash'],
  'kind-server-killed-in-import': ['build-failed', 'engine-crash'],
};

const all: HandOffTranscript[] = JSON.parse(readFileSync('__tests__/fixtures/hand-off-transcripts.json', 'utf8'));
const rows = all
  .filter((one) => one.mode !== 'local' || one.case.startsWith('kind'))
  .flatMap((one) => {
    const [alive, died = alive] = EXPECTED[one.case] ?? [];
    return alive === undefined ? [] : [{ ...one, alive, died }];
  });

describe('the transcripts of saves and loads that fail, on every engine of the lab', () => {
  it('are met in each case', () => {
    expect([...new Set(rows.map((row) => row.case))].sort()).toEqual(Object.keys(EXPECTED).sort());
  });

  it.each(rows)('$engine $version $mode, $case: $alive, and $died if the engine died', (row) => {
    const ending: Ending = { kind: 'exited', code: row.exit ?? Number.NaN };
    const evidence = { dialect: 'cluster', ending, stdout: row.stdout, stderr: row.stderr } as const;
    expect(classify({ ...evidence, engineDied: false })?.class).toBe(row.alive);
    expect(classify({ ...evidence, engineDied: true })?.class).toBe(row.died);
  });
});
