import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { crash, hangs, relapses } from '../../support/crashes.js';
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

const main = () => writeImage(matrix.workspace, 'main', slowSteps('main'));
const [, middle] = momentsOf('main', engineName()) as [Moment, Moment];

describe(`a ${engineName()} server that dies again as it comes back`, () => {
  it('is one incident, and a real failure beside it is tried once', async () => {
    const image = main();
    const broken = writeImage(matrix.workspace, 'broken', ['RUN exit 3']);
    // In the middle: by then the broken image beside it has failed.
    const hits = crash(matrix, 'main', [{ at: middle, act: relapses }]);
    const run = await matrix.run([image, broken], { 'retry-min-timeout': '12s', 'retry-max-timeout': '12s' });
    expect(await hits()).toHaveLength(1);
    expect(run.images).toMatchObject({
      main: { attempts: 2, verdict: 'success' },
      broken: { id: null, attempts: 1, verdict: 'build-failed' },
    });
    expect(run.outputs).toMatchObject({ result: 'failure', incidents: '1', retries: '1' });
    expect(run.events.map(({ type }) => type)).toContain('incident-reopened');
    expect(tornFiles(matrix.engine, image)).toEqual([]);
  });
});

describe(`a ${engineName()} server that hangs`, () => {
  it('has its build ended and is restarted by the command for it, which is one incident', async () => {
    const image = main();
    const asked = join(matrix.workspace, 'restart-asked');
    const supervisor = async () => {
      while (!existsSync(asked)) await sleep(50);
    };
    const hits = crash(matrix, 'main', [{ at: middle, act: hangs(supervisor) }]);
    const run = await matrix.run([image], {
      'stall-timeout': '3s',
      recovery: 'restart',
      'recovery-command': `touch ${asked}`,
    });
    expect(await hits()).toHaveLength(1);
    expect(run.outputs).toMatchObject({ result: 'success', incidents: '1', retries: '1' });
    expect(run.events.flatMap((event) => (event.type === 'attempt-ended' ? [event.ending.kind] : []))).toEqual([
      'hung',
      'exited',
    ]);
    expect(tornFiles(matrix.engine, image)).toEqual([]);
  });
});
