import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { executedAgain } from '../../support/executed-steps.js';
import { markersOf, runCrashing } from '../../support/fresh-run.js';
import { engineName, type Matrix, openMatrix } from '../../support/matrix-engine.js';

const resumes = !engineName().startsWith('docker');
if (!resumes)
  console.log('skipped: fresh on docker, whose builders start over: they cannot be told how old a layer may be');

(resumes ? describe : describe.skip)(`fresh on ${engineName()}`, () => {
  let matrix: Matrix;
  beforeEach(async () => {
    matrix = await openMatrix();
  });
  afterEach(async () => {
    await matrix.close();
  });

  it('executes each step once, whatever crashes, and takes none of an earlier run', async () => {
    const { run, executed, markers } = await runCrashing(matrix, {
      images: ['a', 'b', 'c'],
      common: ['one', 'two'],
      own: 3,
      stepSeconds: 0.6,
      crashes: 3,
      inputs: { fresh: 'true' },
    });
    expect(run.outputs).toMatchObject({ result: 'success' });
    expect(Number(run.outputs['incidents'])).toBeGreaterThan(1);
    expect(executedAgain(executed)).toEqual([]);
    // Each of them, also those of the image that an earlier run had built.
    expect(markersOf(executed)).toEqual(markers);
  });
});
