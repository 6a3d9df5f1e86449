import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { crash, dies } from '../../support/crashes.js';
import { attemptsOf } from '../../support/lab.js';
import { engineName, type Matrix, openMatrix } from '../../support/matrix-engine.js';
import { momentsOf, slowSteps, tornFiles } from '../../support/moments.js';
import { writeImage } from '../../support/workload.js';

const DOWN_MS = 300;

let matrix: Matrix;
beforeEach(async () => {
  matrix = await openMatrix();
});
afterEach(async () => {
  await matrix.close();
});

describe(`builds on ${engineName()} go on when its server dies at the first, a middle and the last step and while the image is written`, () => {
  it.each(['SIGKILL', 'SIGSEGV', 'SIGTERM'] as const)('of %s', async (signal) => {
    const image = writeImage(matrix.workspace, 'main', slowSteps('main'));
    const moments = momentsOf('main', engineName());
    const hits = crash(
      matrix,
      'main',
      moments.map((at) => ({ at, act: dies(signal, DOWN_MS) })),
    );
    const run = await matrix.run([image]);
    const hit = await hits();
    expect(run.outputs).toMatchObject({ result: 'success' });
    const crashed = run.events.flatMap((event) => (event.type === 'attempt-ended' && event.verdict ? [event] : []));
    expect(crashed.map(({ verdict }) => verdict?.class)).toEqual(crashed.map(() => 'engine-crash'));
    expect(crashed.map(({ incident }) => incident)).toEqual(crashed.map((_, index) => index + 1));
    expect(attemptsOf(run.events, 'main')).toBe(crashed.length + 1);
    expect(tornFiles(matrix.engine, image)).toEqual([]);

    const all = moments.map(({ name }) => name);
    if (signal === 'SIGKILL') expect([hit, crashed.length]).toEqual([all, 4]);
    // One that prints its stacks as it dies may write first what only has to be written.
    else if (signal === 'SIGSEGV') expect([hit, Math.max(3, crashed.length)]).toEqual([all, crashed.length]);
    // One that is told to end may let builds end first: later moments are then never reached.
    else {
      expect(hit.length).toBeGreaterThan(0);
      console.log(`SIGTERM hit ${hit.join(', ')}; it ended ${crashed.length} of these builds`);
    }
    expect(Number(run.outputs['incidents'])).toBeGreaterThanOrEqual(crashed.length);
    expect(Number(run.outputs['incidents'])).toBeLessThanOrEqual(hit.length);
  });
});
