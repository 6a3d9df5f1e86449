import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { engineName, type Matrix, openMatrix } from '../../support/matrix-engine.js';
import { writeImage } from '../../support/workload.js';

const MIB = 2 ** 20;

const seen = engineName() === 'podman';
if (!seen) console.log('skipped: the memory of steps, which are told apart for a podman server alone');

(seen ? describe : describe.skip)(`steps on ${engineName()}`, () => {
  let matrix: Matrix;
  beforeEach(async () => {
    matrix = await openMatrix();
  });
  afterEach(async () => {
    await matrix.close();
  });

  it('are seen with their memory, side by side', async () => {
    const dd = (megabytes: number) =>
      `RUN /bin/busybox timeout 8 /bin/busybox dd if=/dev/zero of=/dev/null bs=${megabytes}M; /bin/busybox true`;
    const images = [100, 200].map((size) => writeImage(matrix.workspace, `a${size}`, [dd(size)]));
    const { outputs, events } = await matrix.run(images, { 'max-parallel': '2' });
    expect(outputs).toMatchObject({ result: 'success' });
    const ends = events.flatMap((event) => (event.type === 'attempt-ended' ? [event] : []));
    const most = Object.fromEntries(ends.map(({ image, usage }) => [image, (usage.stepPeakRssBytes ?? 0) / MIB]));
    expect(most['a100']).toBeGreaterThanOrEqual(100);
    expect(most['a100']).toBeLessThan(150);
    expect(most['a200']).toBeGreaterThanOrEqual(200);
  });
});
