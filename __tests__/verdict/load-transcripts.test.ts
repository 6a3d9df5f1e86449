import { describe, expect, it } from '@jest/globals';
import { classify, needsEngineState } from '../../src/verdict/classify.js';
import { evidenceOfLoad, LOAD_TRANSCRIPTS } from './evidence.js';

const rows = LOAD_TRANSCRIPTS.map((transcript) => ({ ...transcript, evidence: evidenceOfLoad(transcript) }));

describe('the transcripts of failed loads into clusters', () => {
  it.each(rows)('$case: $provoked, is $class', ({ evidence, class: expected }) => {
    expect(classify(evidence)?.class).toBe(expected);
  });

  it.each(rows.filter(({ class: expected, engineDied }) => expected === 'engine-crash' && engineDied === undefined))(
    '$case: it is so without asking the engine',
    ({ evidence }) => expect(needsEngineState(evidence)).toBe(false),
  );

  it.each(rows.filter(({ engineDied }) => engineDied !== undefined))(
    '$case: the words alone do not say it, and the engine is asked',
    ({ evidence }) => expect(needsEngineState(evidence)).toBe(true),
  );

  it('say what the innermost of all that took part said', () => {
    const full = rows.find(({ case: name }) => name.includes('disk is full'));
    expect(full && classify(full.evidence)?.line).toMatch(/^ctr: failed to ingest .*: no space left on device$/);
  });
});
