import { describe, expect, it } from '@jest/globals';
import { classify, needsEngineState } from '../../src/verdict/classify.js';
import { evidenceOfTranscript, TRANSCRIPTS } from './evidence.js';

const rows = TRANSCRIPTS.map((transcript, index) => ({
  name: `${transcript.engine} ${transcript.version} ${transcript.mode}, ${transcript.case} (${index})`,
  expected: transcript.class === 'success' ? undefined : transcript.class,
  evidence: evidenceOfTranscript(transcript),
}));

describe('the transcripts of real failures', () => {
  it('are all here', () => {
    expect(rows).toHaveLength(130);
  });

  it.each(rows)('$name is $expected', ({ evidence, expected }) => {
    expect(classify(evidence)?.class).toBe(expected);
  });

  it.each(rows.filter((row) => row.expected === 'engine-crash'))(
    '$name is so without asking the engine',
    ({ evidence }) => {
      expect(needsEngineState(evidence)).toBe(false);
    },
  );

  // Docker's legacy builder says 137 also when dockerd was stopped: that one cannot be definite.
  it.each(
    rows.filter(
      ({ name, expected }) =>
        expected !== undefined &&
        expected !== 'engine-crash' &&
        !/legacy, run-exit-137/.test(name) &&
        !/client-sigterm/.test(name),
    ),
  )('$name stays $expected though the engine died', ({ evidence, expected }) => {
    expect(classify({ ...evidence, engineDied: true })?.class).toBe(expected);
  });
});
