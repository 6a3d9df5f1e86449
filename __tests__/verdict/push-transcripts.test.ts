import { describe, expect, it } from '@jest/globals';
import { classify, needsEngineState } from '../../src/verdict/classify.js';
import { evidenceOfPush, PUSH_TRANSCRIPTS } from './evidence.js';

const rows = PUSH_TRANSCRIPTS.map((transcript) => {
  return {
    name: `${transcript.engine} ${transcript.version} ${transcript.mode}, ${transcript.case}`,
    expected: transcript.class,
    evidence: evidenceOfPush(transcript),
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
