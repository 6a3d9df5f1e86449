import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Lab, openLab } from '../support/lab.js';
import { writeImage } from '../support/workload.js';

let lab: Lab;
beforeEach(async () => {
  lab = await openLab();
});
afterEach(async () => {
  await lab.close();
});

const errors = (log: string) => log.split('\n').filter((line) => line.startsWith('::error'));

/** An image whose Containerfile is this text. */
function written(name: string, containerfile: string) {
  const image = writeImage(lab.workspace, name, []);
  writeFileSync(join(lab.workspace, name, 'Containerfile'), containerfile);
  return image;
}

describe('annotations of builds on a real podman server', () => {
  it('stand at the line that failed, across stages, arguments and continued lines', async () => {
    const stages = written(
      'stages',
      [
        '# The base is an argument.',
        'ARG BASE=scratch',
        'FROM $BASE AS tools',
        'COPY rootfs/ /',
        'RUN echo one \\',
        '  # in between',
        '  && echo two',
        'FROM scratch AS unused',
        'RUN exit 9',
        'FROM tools AS last',
        'ARG CODE=3',
        'RUN echo STEP 2/3: RUN exit 9 && \\',
        '    exit $CODE',
        '',
      ].join('\n'),
    );
    const copy = writeImage(lab.workspace, 'copy', ['ARG SOURCE=missing', '', 'COPY --chown=1:1 $SOURCE /x']);
    mkdirSync(join(lab.workspace, 'files'));
    renameSync(join(lab.workspace, 'copy', 'Containerfile'), join(lab.workspace, 'files', 'copy.Containerfile'));
    const target = {
      ...written('target', 'FROM scratch AS a\nCOPY rootfs/ /\nFROM a AS b\nRUN exit 4\nFROM b\n'),
      target: 'b',
    };

    const run = await lab.run([stages, { ...copy, file: 'files/copy.Containerfile' }, target]);
    expect(run.exitCode).toBe(1);
    const [first, second, third, own, ...more] = errors(run.log);
    expect(first).toMatch(
      /^::error title=stages,file=stages\/Containerfile,line=12::stages: build-failed after 1 attempt/,
    );
    expect(second).toMatch(/^::error title=copy,file=files\/copy\.Containerfile,line=5::copy: usage-error/);
    expect(third).toMatch(/^::error title=target,file=target\/Containerfile,line=4::target: build-failed/);
    expect(own).toMatch(/^::error::3 of 3 images were not built:/);
    expect(more).toEqual([]);
    expect(run.summary).toContain('- At: `stages/Containerfile:12`');
  });

  it('are not there when they are not wanted', async () => {
    const run = await lab.run([writeImage(lab.workspace, 'broken', ['RUN exit 4'])], { annotations: 'false' });
    expect(errors(run.log)).toEqual([expect.stringMatching(/^::error::1 of 1 images/)]);
  });
});
