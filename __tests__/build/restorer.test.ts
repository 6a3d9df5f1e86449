import { describe, expect, it } from '@jest/globals';
import { createRestorer, type FetchedImage, type Look } from '../../src/build/restorer.js';
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
  archives?: Record<string, FetchedImage | string>,
) {
  const client = { code: 0, stdout: '{"Client":{"Version":"5.0.0"}}', stderr: '' };
  const engine = podmanFromProbe({ engine: 'podman' }, client, 'asked');
  if (typeof engine === 'string') throw new Error(engine);
  const events: JournalEvent[] = [];
  const tagged: string[] = [];
  const [loaded, asked]: [string[], string[]] = [[], []];
  const [over, stopped] = [new AbortController(), new AbortController()];
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
    ...(archives === undefined
      ? {}
      : {
          archives: {
            async use({ key, tags }, signal, load) {
              asked.push(`${key}: ${tags.join(', ')}`);
              const archive = archives[key];
              if (signal.aborted || archive === undefined) return undefined;
              return typeof archive === 'string' ? archive : load(archive);
            },
          },
        }),
    work: async ({ args }) => {
      const path = args.at(-1) ?? '';
      loaded.push(path);
      if (path === 'broken.tar')
        return { code: 125, stdout: '', stderr: 'Error: server probably quit: unexpected EOF' };
      if (path === 'api.tar') named[ID] = ID;
      return { code: 0, stdout: '', stderr: '' };
    },
    now: () => 9,
    timer: (_, callback) => {
      timedOut = callback;
      return () => {};
    },
    record: (event) => events.push(event),
    whyNoRoom: (bytes) => (bytes > 100 ? 'there is no room' : undefined),
    inTurn: async (_image, load) => (stopped.signal.aborted ? undefined : load()),
    over: over.signal,
    stopped: stopped.signal,
  });
  return { reuse, events, tagged, kept, loaded, asked, stopped, timeOut: () => timedOut() };
}

const ALL = { [ID]: ID, 'localhost/api:e2e': ID, 'localhost/api:two': ID };

describe('an image that an earlier run built', () => {
  it('is taken as it is where its tags are its own', async () => {
    const { reuse, events, tagged } = lab({ ...ALL }, [LOOK]);
    expect(await reuse.restore(IMAGE)).toEqual({ id: `sha256:${ID}`, sizeBytes: 7 });
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
    expect(await reuse.restore(IMAGE)).toMatchObject({ id: `sha256:${ID}` });
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
    expect(await reuse.restore(IMAGE)).toBeUndefined();
    expect(events).toEqual([{ type: 'image-not-restored', at: 9, image: 'api', why: expect.stringMatching(why) }]);
  });

  it('is built when the look takes too long, and holds up nothing', async () => {
    const { reuse, events, timeOut } = lab({ ...ALL }, [new Promise<Look>(() => {})]);
    const restoring = reuse.restore(IMAGE);
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
    const restoring = reuse.restore(IMAGE);
    timeOut();
    await restoring;
    end(LOOK);
    reuse.built(IMAGE, { id: `sha256:${OTHER}` });
    await reuse.settled();
    expect(kept).toEqual([]);
  });
});

describe('an image of which there is an archive', () => {
  const archived = (path: string, bytes = 3) => ({ [KEPT.key]: { kept: KEPT, path, bytes } });

  it('is loaded, gets its tags, and is known to the next run', async () => {
    const { reuse, events, tagged, kept, loaded, asked } = lab({}, [LOOK], [], true, archived('api.tar'));
    expect(await reuse.restore(IMAGE)).toMatchObject({ id: `sha256:${ID}` });
    expect(tagged).toEqual(['api:e2e', 'localhost/api:two']);
    expect(kept).toEqual([KEPT]);
    expect([asked, loaded]).toEqual([[`${KEPT.key}: api:e2e, localhost/api:two`], ['api.tar']]);
    expect(events).toMatchObject([{ type: 'image-restored', from: 'cache-service', archiveBytes: 3 }]);
  });

  it('is taken from the engine where that has it still', async () => {
    const { reuse, events, asked } = lab({ ...ALL }, [LOOK], [KEPT], true, archived('api.tar'));
    expect(await reuse.restore(IMAGE)).toBeDefined();
    expect(asked).toEqual([]);
    expect(events).toMatchObject([{ type: 'image-restored', from: 'engine' }]);
  });

  it('is loaded where the engine has removed what is remembered', async () => {
    const { reuse, events } = lab({}, [LOOK], [KEPT], true, archived('api.tar'));
    expect(await reuse.restore(IMAGE)).toBeDefined();
    expect(events).toMatchObject([{ type: 'image-restored', from: 'cache-service' }]);
  });

  it.each<[string, Record<string, FetchedImage | string>, RegExp]>([
    [
      'the engine dies of it',
      archived('broken.tar'),
      /^its archive could not be loaded: Error: server probably quit: unexpected EOF/,
    ],
    ['it is another image', archived('other.tar'), /^the engine does not have sha256:\w+ after its archive was loaded/],
    ['there is no room for it', archived('api.tar', 101), /^there is no room/],
    ['it cannot be used', { [KEPT.key]: 'its archive was not fetched' }, /^its archive was not fetched/],
    ['there is none', {}, /^no earlier build of the same is known/],
  ])('is built where %s', async (_, archives, why) => {
    const { reuse, events, kept } = lab({}, [LOOK], [], true, archives);
    expect(await reuse.restore(IMAGE)).toBeUndefined();
    expect(events).toEqual([{ type: 'image-not-restored', at: 9, image: 'api', why: expect.stringMatching(why) }]);
    expect(kept).toEqual([]);
  });

  it('is not waited for when nothing begins any more', async () => {
    const { reuse, events, stopped, loaded } = lab({}, [new Promise<Look>(() => {})], [], true, archived('api.tar'));
    const restoring = reuse.restore(IMAGE);
    stopped.abort();
    expect(await restoring).toBeUndefined();
    expect([loaded, events]).toEqual([[], []]);
  });
});

describe('an image that was built', () => {
  const keptAfter = async (looks: Look[]) => {
    const { reuse, kept } = lab({ ...ALL }, looks, []);
    await reuse.restore(IMAGE);
    reuse.built(IMAGE, { id: `sha256:${OTHER}`, sizeBytes: 8 });
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
      await reuse.restore({ ...IMAGE, name });
      reuse.built({ ...IMAGE, name }, { id: `sha256:${OTHER}` });
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
