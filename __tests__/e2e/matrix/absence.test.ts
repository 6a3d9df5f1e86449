import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { crash, dies } from '../../support/crashes.js';
import { engineName, type Matrix, openMatrix } from '../../support/matrix-engine.js';
import { type Moment, momentsOf, slowSteps, tornFiles } from '../../support/moments.js';
import { writeImage } from '../../support/workload.js';

let matrix: Matrix;
beforeEach(async () => {
  matrix = await openMatrix();
});
afterEach(async () => {
  await matrix.close();
});

const [first, middle, last] = momentsOf('main', engineName()) as [Moment, Moment, Moment];

describe(`a ${engineName()} server that is gone`, () => {
  it('for half a second, 5 s and 60 s is waited for, and each time is one incident', async () => {
    const image = writeImage(matrix.workspace, 'main', slowSteps('main'));
    const hits = crash(matrix, 'main', [
      { at: first, act: dies('SIGKILL', 500) },
      { at: middle, act: dies('SIGKILL', 5_000) },
      { at: last, act: dies('SIGKILL', 60_000) },
    ]);
    const run = await matrix.run([image]);
    expect(await hits()).toHaveLength(3);
    expect(run.outputs).toMatchObject({ result: 'success', incidents: '3', retries: '3' });
    expect(tornFiles(matrix.engine, image)).toEqual([]);
  });
});
