import { describe, expect, it } from '@jest/globals';
import { createRestorer, type Look } from '../../src/build/restorer.js';
import type { Question } from '../../src/engine/engine.js';
import { podmanFromProbe } from '../../src/engine/podman.js';
import type { KeptImage } from '../../src/history/kept-image.js';
import type { JournalEvent } from '../../src/journal/events.js';
import { imageSpec } from '../support/image-spec-factory.js';

const ID = 'ab'.repeat(32);
const OTHER = 'cd'.repeat(32);
const IMAGE = imageSpec({ tags: ['api:e2e', 'localhost/api:two'] });
const LOOK: Look = { contents: 'contents', bases: { base: 'sha256:aa' } };
const KEPT: KeptImage = { schema: 1, key: 'contents base=sha256:aa', id: `sha256:${ID}`, name: 'api', at: 5 };

/** An engine that has these images by their tags and ids, and looks that find this, one after the other. */
function lab(
  named: Record<string, string>,
  looks: (Look | Promise<Look>)[],
  kept: KeptImage[] = [KEPT],
  canTag = true,
) {
  const client = { code: 0, stdout: '{"Client":{"Version":"5.0.0"}}', stderr: '' };
  const engine = podmanFromProbe({ engine: 'podman' }, client, 'asked');
  if (typeof engine === 'string') throw new Error(engine);
  const events: JournalEvent[] = [];
  const tagged: string[] = [];
  let timedOut = () => {};
  const ask = async (question: Question) => {
    const args = 'args' in question ? question.args : [];
    const what = args.at(-1) ?? '';
    if (args[0] === 'tag') {
      tagged.push(what);
      if (canTag) named[what.replace(/^(localhost\/)?/, 'localhost/')] = args[1] as string;
      return { code: canTag ? 0 : 1, stdout: '', stderr: '' };
    }
    const id = named[what.replace(/^sha256:/, '')];
    return id === undefined
      ? { code: 125, stdout: '', stderr: 'no such image' }
      : { code: 0, stdout: `${id} 7\n`, stderr: '' };
  };
  const reuse = createRestorer({
    engine,
    ask,
    look: async () => (await looks.shift()) ?? LOOK,
    keyOf: (contents, bases) => [contents, ...Object.entries(bases).map((entry) => entry.join('='))].join(' '),
    store: { find: (key) => kept.find((one) => one.key === key), keep: (one) => kept.push(one) },
    now: () => 9,
    timer: (_, callback) => {
      timedOut = callback;
      return () => {};
    },
    record: (event) => events.push(event),
    signal: new AbortController().signal,
  });
  return { reuse, events, tagged, kept, timeOut: () => timedOut() };
}

const ALL = { [ID]: ID, 'localhost/api:e2e': ID, 'localhost/api:two': ID };

describe('an image that an earlier run built', () => {
  it('is taken as it is where its tags are its own', async () => {
    const { reuse, events, tagged } = lab({ ...ALL }, [LOOK]);
    expect(await reuse.begin(IMAGE).restore()).toEqual({ id: `sha256:${ID}`, sizeBytes: 7 });
    expect(tagged).toEqual([]);
    expect(events).toEqual([
      {
        type: 'image-restored',
        at: 9,
        image: 'api',
        from: 'engine',
        key: KEPT.key,
        built: { id: `sha256:${ID}`, sizeBytes: 7 },
        ageMs: 4,
      },
    ]);
  });

  it('gets the tags that it lacks, and those that others have taken', async () => {
    const { reuse, tagged } = lab({ [ID]: ID, 'api:e2e': ID, 'localhost/api:e2e': OTHER }, [LOOK]);
    expect(await reuse.begin(IMAGE).restore()).toMatchObject({ id: `sha256:${ID}` });
    expect(tagged).toEqual(['api:e2e', 'localhost/api:two']);
  });

  it.each<[string, Parameters<typeof lab>, RegExp]>([
    ['that the engine has no more', [{ 'api:e2e': OTHER }, [LOOK]], /does not have sha256:ab.* any more/],
    ['whose id the engine shows for another', [{ [ID]: OTHER }, [LOOK]], /does not have sha256:ab.* any more/],
    ['that gets no tag', [{ [ID]: ID }, [LOOK], [KEPT], false], /could not be given the tag api:e2e/],
    ['of other contents', [{ ...ALL }, [{ ...LOOK, contents: 'new' }]], /no earlier build of the same/],
    ['on another base', [{ ...ALL }, [{ ...LOOK, bases: { base: 'sha256:bb' } }]], /no earlier build of the same/],
    ['whose base is not there', [{ ...ALL }, [{ ...LOOK, missing: 'base' }]], /does not have base, which/],
    ['that must be built', [{ ...ALL }, [{ why: 'no-cache' }]], /^no-cache$/],
  ])('is built: one %s', async (_, of, why) => {
    const { reuse, events } = lab(...of);
    expect(await reuse.begin(IMAGE).restore()).toBeUndefined();
    expect(events).toEqual([{ type: 'image-not-restored', at: 9, image: 'api', why: expect.stringMatching(why) }]);
  });

  it('is built when the look takes too long, and holds up nothing', async () => {
    const { reuse, events, timeOut } = lab({ ...ALL }, [new Promise<Look>(() => {})]);
    const restoring = reuse.begin(IMAGE).restore();
    timeOut();
    expect(await restoring).toBeUndefined();
    expect(events).toMatchObject([{ why: 'what decides it was not known after 10 s' }]);
  });

  it('is not remembered when the look ended too late, as its build may have begun before', async () => {
    let end = (_: Look) => {};
    const { reuse, kept, timeOut } = lab(
      { ...ALL },
      [
        new Promise<Look>((resolve) => {
          end = resolve;
        }),
      ],
      [],
    );
    const chance = reuse.begin(IMAGE);
    const restoring = chance.restore();
    timeOut();
    await restoring;
    end(LOOK);
    chance.built({ id: `sha256:${OTHER}` });
    await reuse.settled();
    expect(kept).toEqual([]);
  });
});

describe('an image that was built', () => {
  const keptAfter = async (looks: Look[]) => {
    const { reuse, kept } = lab({ ...ALL }, looks, []);
    const chance = reuse.begin(IMAGE);
    await chance.restore();
    chance.built({ id: `sha256:${OTHER}`, sizeBytes: 8 });
    await reuse.settled();
    return kept;
  };

  it('is remembered by what decided it', async () => {
    expect(await keptAfter([LOOK, LOOK])).toEqual([{ ...KEPT, id: `sha256:${OTHER}`, at: 9, sizeBytes: 8 }]);
  });

  it('is remembered with the base that its build fetched', async () => {
    expect(await keptAfter([{ contents: 'contents', bases: {}, missing: 'base' }, LOOK])).toMatchObject([
      { key: KEPT.key },
    ]);
  });

  it.each<[string, Look, Look]>([
    ['something changed while it was built', LOOK, { ...LOOK, contents: 'new' }],
    ['its base changed while it was built', LOOK, { ...LOOK, bases: { base: 'sha256:bb' } }],
    ['its base is still not known', { ...LOOK, missing: 'b' }, { ...LOOK, missing: 'b' }],
    ['it cannot be told what decided it', { why: 'no-cache' }, LOOK],
    ['it could be told only before', LOOK, { why: 'its context cannot be read, or is too large' }],
  ])('is not remembered when %s', async (_, before, after) => {
    expect(await keptAfter([before, after])).toEqual([]);
  });

  it('costs one warning in all when it cannot be remembered', async () => {
    const { reuse, events, kept } = lab({ ...ALL }, [], []);
    kept.push = () => {
      throw new Error('EROFS: read-only file system');
    };
    for (const name of ['api', 'web']) {
      const chance = reuse.begin({ ...IMAGE, name });
      await chance.restore();
      chance.built({ id: `sha256:${OTHER}` });
    }
    await reuse.settled();
    expect(events.filter(({ type }) => type === 'warning')).toEqual([
      {
        type: 'warning',
        at: 9,
        message: 'what is built cannot be remembered for the next run: EROFS: read-only file system',
      },
    ]);
  });
});
