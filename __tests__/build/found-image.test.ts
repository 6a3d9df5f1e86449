import { describe, expect, it } from '@jest/globals';
import type { AttemptEffects } from '../../src/build/attempt.js';
import { findBuilt } from '../../src/build/found-image.js';
import type { Answer, Command, Question } from '../../src/engine/engine.js';
import type { ListBuild } from '../../src/engine/manifest-list.js';
import { imageSpec } from '../support/image-spec-factory.js';

const ID = `sha256:${'ab'.repeat(32)}`;
const DIGEST = `sha256:${'cd'.repeat(32)}`;
const command = (name: string): Command => ({ file: name, args: [], env: {} });
const LIST: ListBuild = {
  forget: command('forget'),
  show: command('show'),
  tag: command('tag'),
  inspect: command('inspect'),
};
const image = imageSpec({ platforms: ['linux/amd64', 'linux/arm64'] });
const list = (...architectures: string[]) =>
  JSON.stringify({
    manifests: architectures.map((architecture) => ({ digest: DIGEST, platform: { os: 'linux', architecture } })),
  });

/** An engine that answers as scripted; what it has no answer for is an error. `deadFor` so many questions it is dead. */
function lab(answers: Record<string, string>, deadFor = 0) {
  const asked: string[] = [];
  const reports: string[][] = [];
  let dead = deadFor;
  const effects = {
    engine: {
      inspect: () => command('inspect'),
      readInspect: (stdout: string) => (stdout === '' ? undefined : { id: stdout }),
    },
    ask: async (question: Question): Promise<Answer> => {
      const { file } = question as Command;
      asked.push(file);
      const stdout = dead > 0 ? undefined : answers[file];
      return stdout === undefined ? { code: 125, stdout: '', stderr: '' } : { code: 0, stdout, stderr: '' };
    },
    ping: async () => ({ alive: dead === 0, said: 'refused' }),
    incidents: {
      report: (_since: number, evidence: string[]) => {
        reports.push(evidence);
        dead -= 1;
        return 1;
      },
      opened: async () => true,
    },
  } as unknown as AttemptEffects;
  const find = (of: Parameters<typeof findBuilt>[1]) => findBuilt(image, of, 0, effects);
  return { asked, reports, find };
}

describe('what a build leaves that claims success', () => {
  it('is the image that the engine shows by its id', async () => {
    expect(await lab({ inspect: ID }).find({ id: ID, list: undefined })).toEqual({ built: { id: ID } });
    expect(await lab({}).find({ id: ID, list: undefined })).toEqual({});
    expect(await lab({ inspect: ID }).find({ id: undefined, list: undefined })).toEqual({});
  });

  it('is looked for again when the engine is back', async () => {
    const { find, reports, asked } = lab({ inspect: ID }, 1);
    expect(await find({ id: ID, list: undefined })).toEqual({ built: { id: ID } });
    expect(reports).toEqual([['the engine does not answer when asked for a finished image: refused']]);
    expect(asked).toEqual(['inspect', 'inspect']);
  });

  it('is a list with every platform, which gets its tags and is known by the image for this platform', async () => {
    const { find, asked } = lab({ show: list('arm64', 'amd64'), tag: '', inspect: ID });
    expect(await find({ id: undefined, list: LIST })).toEqual({ built: { id: ID } });
    expect(asked).toEqual(['show', 'tag', 'inspect']);
  });

  it('is known by a digest where the list has no image for this platform, or no engine has it', async () => {
    const foreign = lab({ show: list('arm64', 'amd64'), tag: '' });
    expect(await foreign.find({ id: undefined, list: LIST })).toEqual({ built: { id: DIGEST } });
    const pushed = lab({ show: JSON.stringify({ ...JSON.parse(list('arm64', 'amd64')), digest: ID }) });
    expect(await pushed.find({ id: undefined, list: { show: command('show') } })).toEqual({ built: { id: ID } });
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['no list', {}, /there is no list of images/],
    ['something that is none', { show: '{"config":{}}' }, /there is no list of images/],
    [
      'a list without a platform',
      { show: list('amd64'), tag: '' },
      /has linux\/amd64 and lacks linux\/arm64; with no-cache/,
    ],
    ['an empty list', { show: list(), tag: '' }, /has nothing and lacks linux\/amd64, linux\/arm64/],
    ['a list that takes no tags', { show: list('arm64', 'amd64') }, /could not be given its tags/],
  ])('is not %s', async (_name, answers, missing) => {
    const { find, asked } = lab(answers);
    expect(await find({ id: undefined, list: LIST })).toEqual({ missing: expect.stringMatching(missing) });
    expect(asked).not.toContain('inspect');
  });
});
