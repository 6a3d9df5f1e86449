import { describe, expect, it } from '@jest/globals';
import type { Push } from '../../src/engine/push.js';
import type { Ran } from '../../src/handoff/hand-off.js';
import { handOffsOf } from '../../src/handoff/hand-offs.js';
import { registryPush } from '../../src/handoff/push.js';
import { createArchiveFiles } from '../../src/host/archive-files.js';
import { imageSpec } from '../support/image-spec-factory.js';

const DIGEST = `sha256:${'ab'.repeat(32)}`;
const OTHER = `sha256:${'cd'.repeat(32)}`;
const command = (...args: string[]) => ({ file: 'engine', args, env: {} });
const image = imageSpec({ tags: ['r.example/a:1', 's.example/a:1'], push: true });

/** An engine whose commands print as scripted, by their first argument; `!` before it makes one fail. */
function lab(prints: Record<string, string>, asks: boolean) {
  const ran: string[] = [];
  const push = (tag: string): Push => ({
    dialect: 'docker-legacy',
    command: () => command('push', tag),
    readDigest: (_stdout, file) => file,
    ...(asks
      ? {
          ask: () => ({
            begin: command('begin'),
            show: command('show'),
            end: command('end'),
            read: (text) => text || undefined,
          }),
        }
      : {}),
  });
  const tools = {
    archives: createArchiveFiles('/ws', 'test'),
    signal: new AbortController().signal,
    temporaryFile: (name: string) => `/t/${name}`,
    wait: async () => {},
    keptFile: async () => ({ failed: 'nothing is kept' }),
    takeLine: () => prints['file'],
    run: async (ranCommand: { file: string; args: string[]; env: Record<string, string> }): Promise<Ran> => {
      const [verb = '', tag = ''] = ranCommand.args;
      ran.push(ranCommand.args.join(' '));
      const fails = prints['fails'] === (tag || verb);
      const stdout = prints[verb] ?? '';
      return { command: ranCommand, ending: { kind: 'exited', code: fails ? 1 : 0 }, stdout, stderr: '', tail: '' };
    },
  };
  const attempt = () => registryPush({ push: (_image, tag) => push(tag) }).attempt(image, { id: OTHER }, tools);
  return { ran, attempt };
}

describe('pushing an image', () => {
  it('pushes each tag, and tells the digest', async () => {
    const { ran, attempt } = lab({ file: DIGEST }, false);
    expect(await attempt()).toEqual({ said: 'pushed r.example/a:1, s.example/a:1', digest: DIGEST });
    expect(ran).toEqual(['push r.example/a:1', 'push s.example/a:1']);
  });

  it('ends with the first tag that fails, read in the words of its client', async () => {
    const { ran, attempt } = lab({ file: DIGEST, fails: 'r.example/a:1' }, false);
    expect(await attempt()).toMatchObject({
      failed: { command: command('push', 'r.example/a:1') },
      dialect: 'docker-legacy',
    });
    expect(ran).toEqual(['push r.example/a:1']);
  });

  it('does not believe a success without a digest', async () => {
    expect(await lab({}, false).attempt()).toMatchObject({ missing: expect.stringContaining('names no digest') });
  });

  it('asks the registry where the client says no digest, and leaves nothing of the question', async () => {
    const { ran, attempt } = lab({ show: OTHER }, true);
    expect(await attempt()).toMatchObject({ digest: OTHER });
    expect(ran.slice(0, 4)).toEqual(['push r.example/a:1', 'begin', 'show', 'end']);
  });

  it.each([
    ['the engine may not ask', { fails: 'begin' }, ['push', 'begin']],
    ['the answer cannot be had', { fails: 'show' }, ['push', 'begin', 'show', 'end']],
    ['the answer is none', { show: '' }, ['push', 'begin', 'show', 'end']],
  ])('says that the digest is not known, and that the image is pushed, when %s', async (_name, prints, verbs) => {
    const { ran, attempt } = lab(prints, true);
    expect(await attempt()).toEqual({
      said: 'pushed r.example/a:1 (its digest is not known), s.example/a:1 (its digest is not known)',
    });
    expect(ran.slice(0, verbs.length).map((args) => args.split(' ')[0])).toEqual(verbs);
  });

  it('is for the images that ask for it, and for no run without one', () => {
    const push = () => {
      throw new Error('it was pushed');
    };
    const [handOff] = handOffsOf({ push: true, load: [] }, { push } as never, {});
    expect([true, false].map((wanted) => handOff?.takes?.({ ...image, push: wanted }))).toEqual([true, false]);
    expect(handOffsOf({ push: false, load: [] }, { push } as never, {})).toEqual([]);
  });
});
