import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { crash, dies } from '../../support/crashes.js';
import { engineName, type Matrix, openMatrix } from '../../support/matrix-engine.js';
import { momentsOf, slowSteps, tornFiles } from '../../support/moments.js';
import { writeImage } from '../../support/workload.js';

let matrix: Matrix;
beforeEach(async () => {
  matrix = await openMatrix();
});
afterEach(async () => {
  await matrix.close();
});

describe(`builds by ${engineName()}, without a server, go on when one is killed`, () => {
  it('at the first, a middle and the last step and while the image is written', async () => {
    const image = writeImage(matrix.workspace, 'main', slowSteps('main'));
    const moments = momentsOf('main', engineName());
    const hits = crash(
      matrix,
      'main',
      moments.map((at) => ({ at, act: dies('SIGKILL', 0) })),
    );
    const run = await matrix.run([image]);
    expect(await hits()).toEqual(moments.map(({ name }) => name));
    expect(run.images).toMatchObject({ main: { attempts: 5, verdict: 'success' } });
    expect(run.outputs).toMatchObject({ incidents: '4', retries: '4' });
    expect(tornFiles(matrix.engine, image)).toEqual([]);
  });
});
