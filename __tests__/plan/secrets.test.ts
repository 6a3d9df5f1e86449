import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readInputs } from '../../src/inputs/read.js';
import { planImages } from '../../src/plan/plan.js';
import { warnOfSecretArguments } from '../../src/plan/secrets.js';
import { imageSpec } from '../support/image-spec-factory.js';
import { diskWith, NO_NEEDS, PLACE, WORKSPACE } from './disk.js';

function plan(images: object[], given: Record<string, string> = {}) {
  const { inputs, problems } = readInputs((name) => ({ images: JSON.stringify(images), ...given })[name] ?? '');
  expect(problems).toEqual([]);
  const disk = diskWith('Containerfile', 'keys/aws');
  return planImages(inputs, { ...PLACE, disk, environment: { TOKEN: 'from the environment', EMPTY: '' } }, NO_NEEDS);
}
const file = (number: number) => join(PLACE.scratch, `secret-${number}`);

describe('the plan of secrets', () => {
  it('gives every image those of the run, and an image that names some those alone', () => {
    const { plan: planned, problems } = plan(
      [{ name: 'all' }, { name: 'one', secrets: ['b'] }, { name: 'none', secrets: [] }],
      { secrets: 'a=hunter2hunter2', 'secret-envs': 'b=TOKEN', 'secret-files': 'c=keys/aws' },
    );
    expect(problems).toEqual([]);
    expect(planned.images.map(({ secrets }) => secrets)).toEqual([
      { a: file(1), b: file(2), c: file(3) },
      { b: file(2) },
      {},
    ]);
    expect(planned.secrets).toEqual([
      { file: file(1), from: { value: 'hunter2hunter2' } },
      { file: file(2), from: { value: 'from the environment' } },
      { file: file(3), from: { path: join(WORKSPACE, 'keys/aws') } },
    ]);
  });

  it('writes a source once that several images have of their own', () => {
    const secrets = ['id=x,env=TOKEN'];
    const { plan: planned } = plan([
      { name: 'a', secrets },
      { name: 'b', secrets: ['id=y,env=TOKEN'] },
    ]);
    expect(planned.images.map((image) => image.secrets)).toEqual([{ x: file(1) }, { y: file(1) }]);
    expect(planned.secrets).toHaveLength(1);
  });

  it('says which variable is not set, which file is not there, and which id nobody gave', () => {
    const { problems } = plan([{ name: 'a', secrets: ['nobody', 'id=x,src=nosuch'] }], {
      'secret-envs': 'b=EMPTY',
      'secret-files': 'c=nosuch/c',
    });
    expect(problems.map(({ where, seen }) => `${where}: ${seen}`)).toEqual([
      'secret-envs: b: EMPTY',
      'secret-files: c: nosuch/c',
      'images[0] "a": secrets: nobody',
      'images[0] "a": secrets: nosuch',
    ]);
  });
});

describe('a build argument', () => {
  it.each([
    ['NPM_TOKEN', true],
    ['DB_PASSWORD', true],
    ['API_KEY', true],
    ['GIT_AUTH', true],
    ['AUTHOR', false],
    ['VERSION', false],
  ])('%s is warned of: %s', (name, warned) => {
    const images = [imageSpec({ buildArgs: { [name]: 'x' } }), imageSpec({ name: 'b', buildArgs: { [name]: 'y' } })];
    const warnings = warnOfSecretArguments(images);
    expect(warnings).toHaveLength(warned ? 1 : 0);
    if (warned) expect(warnings[0]).toMatch(new RegExp(`^build-args: ${name} looks like a secret.*secrets`));
  });
});
