import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Dialect, VerdictClass } from '../../src/journal/events.js';
import { classify, needsEngineState } from '../../src/verdict/classify.js';

/** What a client printed whose push, or whose build's pull, failed, with the class that it is to be given. */
interface PushTranscript {
  engine: string;
  version: string;
  mode: Dialect;
  /** `push-503-blob`: what was done, and what the registry (or a proxy before it) or the engine did then. */
  case: string;
  exit: number;
  stdout: string;
  stderr: string;
  class: VerdictClass;
}

const file = join(process.cwd(), '__tests__/fixtures/push-transcripts.json');
const rows = (JSON.parse(readFileSync(file, 'utf8')) as PushTranscript[]).map((transcript) => {
  const isPush = transcript.case.startsWith('push-');
  // `docker push` is not of buildx, whatever builds.
  const dialect: Dialect = isPush && transcript.mode === 'buildkit' ? 'docker-legacy' : transcript.mode;
  const { stdout, stderr, exit } = transcript;
  return {
    name: `${transcript.engine} ${transcript.version} ${transcript.mode}, ${transcript.case}`,
    expected: transcript.class,
    evidence: { dialect, ending: { kind: 'exited' as const, code: exit }, stdout, stderr },
    killed: transcript.case.startsWith('push-engine-'),
  };
});

describe('the transcripts of failed pushes and pulls', () => {
  it('are of podman with a server, buildah, and docker by its own words and by those of buildx', () => {
    expect(new Set(rows.map(({ evidence }) => evidence.dialect))).toEqual(
      new Set(['podman-remote', 'buildah', 'docker-legacy', 'buildkit']),
    );
  });

  it.each(rows.filter(({ killed }) => !killed))('$name is $expected', ({ evidence, expected }) => {
    expect(classify({ ...evidence, engineDied: false })?.class).toBe(expected);
  });

  it.each(rows.filter(({ killed }) => killed))(
    '$name is $expected when the engine is known to have died',
    ({ evidence, expected }) => {
      expect(classify({ ...evidence, engineDied: true })?.class).toBe(expected);
    },
  );

  it.each(rows.filter(({ expected }) => expected === 'usage-error'))(
    '$name is the user’s to mend, whatever the engine did',
    ({ evidence }) => {
      expect(needsEngineState(evidence)).toBe(false);
    },
  );
});
