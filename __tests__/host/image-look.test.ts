import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Look } from '../../src/build/restorer.js';
import { podmanFromProbe } from '../../src/engine/podman.js';
import { createImageLook } from '../../src/host/image-look.js';
import type { ImageSpec } from '../../src/plan/image-spec.js';
import { imageSpec } from '../support/image-spec-factory.js';

const ID = 'ab'.repeat(32);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'look-'));
  mkdirSync(join(folder, 'api'));
  mkdirSync(join(folder, 'other'));
  write('api/Containerfile', 'FROM scratch\nCOPY . /\n');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const write = (path: string, text: string) => writeFileSync(join(folder, path), text);
const image = (more: Partial<ImageSpec> = {}) =>
  imageSpec({ context: join(folder, 'api'), file: join(folder, 'api', 'Containerfile'), ...more });

/** A look on an engine that has images of these names; `asked` are those that it was asked for. */
function lookOn(named: Record<string, string>, more: { images?: ImageSpec[]; builder?: string } = {}) {
  const client = { code: 0, stdout: '{"Client":{"Version":"5.0.0"}}', stderr: '' };
  const engine = podmanFromProbe({ engine: 'podman' }, client, 'asked');
  if (typeof engine === 'string') throw new Error(engine);
  const asked: string[] = [];
  const look = createImageLook({
    engine,
    images: more.images ?? [],
    builder: more.builder,
    ask: async (question) => {
      const name = ('args' in question ? question.args.at(-1) : undefined) ?? '';
      asked.push(name);
      const id = named[name];
      return id === undefined ? { code: 125, stdout: '', stderr: '' } : { code: 0, stdout: `${id} 1\n`, stderr: '' };
    },
    environment: {},
    signal: new AbortController().signal,
  });
  return { asked, look: (of: ImageSpec, built = new Map<string, string>()) => look(of, built) };
}

const contents = (look: Look) => (look.why === undefined ? look.contents : `no look: ${look.why}`);

describe('a look at what decides an image', () => {
  it.each<[string, boolean, () => void]>([
    ['a file of its context', true, () => write('api/new', '')],
    ['its Containerfile', true, () => write('api/Containerfile', 'FROM scratch\n')],
    ['a file of a build context', true, () => write('other/new', '')],
    ['what the ignore file of a build context would hide', true, () => write('other/hidden', 'x')],
    ['what the ignore file hides', false, () => write('api/hidden', 'x')],
    ['nothing', false, () => {}],
  ])('of one that was taken before sees %s', async (_, changes, act) => {
    for (const ignoring of ['api', 'other']) write(`${ignoring}/.dockerignore`, 'hidden\n');
    const { look } = lookOn({});
    const of = image({ buildContexts: { other: join(folder, 'other') } });
    const before = contents(await look(of));
    expect(before).toMatch(/^[0-9a-f]{64}$/);
    act();
    expect(contents(await look(of)) !== before).toBe(changes);
  });

  it('knows bases by this run, by their digest, and by the engine, in this order', async () => {
    const digest = `sha256:${'cd'.repeat(32)}`;
    write('api/Containerfile', `FROM base:e2e\nCOPY --from=x@${digest} / /\nCOPY --from=alpine:3 / /\n`);
    const base = imageSpec({ name: 'base', tags: ['localhost/base:e2e'] });
    const { look, asked } = lookOn({ 'alpine:3': ID, 'base:e2e': 'ef'.repeat(32) }, { images: [base] });
    expect(await look(image({ needs: ['base'] }), new Map([['base', 'sha256:built']]))).toMatchObject({
      bases: { 'alpine:3': `sha256:${ID}`, 'base:e2e': 'sha256:built', [`x@${digest}`]: digest },
    });
    expect(asked).toEqual(['alpine:3']);
  });

  it('names a base that the engine does not have', async () => {
    write('api/Containerfile', 'FROM alpine:3\n');
    expect(await lookOn({}).look(image())).toMatchObject({ bases: {}, missing: 'alpine:3' });
  });

  it.each<[string, () => ImageSpec, RegExp, { builder?: string }]>([
    ['needs an image that is not known', () => image({ needs: ['base'] }), /which image "base" is/, {}],
    ['has no context', () => image({ context: join(folder, 'none') }), /context cannot be read/, {}],
    [
      'has no build context',
      () => image({ buildContexts: { a: join(folder, 'none') } }),
      /build context "a" cannot/,
      {},
    ],
    ['has no Containerfile', () => image({ file: join(folder, 'none') }), /Containerfile cannot be read/, {}],
    ['is built by a builder', () => image(), /builder/, { builder: 'remote' }],
  ])('says why nothing can be told of an image that %s', async (_, of, why, more) => {
    const { look } = lookOn({}, more);
    expect(await look(of())).toEqual({ why: expect.stringMatching(why) });
  });
});
