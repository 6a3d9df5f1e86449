import { describe, expect, it } from '@jest/globals';
import { createSiblings } from '../../src/build/siblings.js';
import type { Dialect } from '../../src/journal/events.js';
import type { ImageSpec } from '../../src/plan/image-spec.js';
import { leadingSteps } from '../../src/plan/leading-steps.js';
import { imageSpec } from '../support/image-spec-factory.js';

interface Given {
  /** By the image its Containerfile, lines separated by semicolons. */
  files: Record<string, string>;
  /** By the image what it copies; it is hashed where that is the same in length. */
  contents?: Record<string, string>;
  images?: Record<string, Partial<ImageSpec>>;
  /** By the image the size of its context in MiB, 1 where none is given. */
  sizes?: Record<string, number>;
  dialect?: Dialect;
}

/** Images of these Containerfiles, each with a context of its own unless it says otherwise. */
async function family(
  { files, contents = {}, images = {}, sizes = {}, dialect = 'podman-remote' }: Given,
  begin = true,
) {
  const specs = Object.keys(files).map((name) => imageSpec({ name, context: `/${name}`, ...images[name] }));
  const hashed: string[] = [];
  const timers: (() => void)[] = [];
  let woken = 0;
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const siblings = createSiblings(
    specs,
    dialect,
    {
      async leadingSteps() {
        const read = specs.map(async (spec) => {
          const text = (files[spec.name] as string).replaceAll(';', '\n');
          return [spec.name, await leadingSteps(text, spec, new Map())] as const;
        });
        return new Map((await Promise.all(read)).flatMap(([name, steps]) => (steps ? [[name, steps]] : [])));
      },
      copied: {
        place: (image, paths) => JSON.stringify([image.context, paths]),
        outline: async ({ context }) => String(contents[context.slice(1)]?.length),
        hash: async ({ context }) => {
          hashed.push(context.slice(1));
          await held;
          return contents[context.slice(1)];
        },
      },
      contextBytes: ({ name }) => (sizes[name] ?? 1) * 2 ** 20,
      timer: (_ms, callback) => {
        timers.push(callback);
        return () => {};
      },
      wake: () => {
        woken += 1;
      },
    },
    new AbortController().signal,
  );
  const known = begin ? siblings.begin() : Promise.resolve();
  if (begin && !Object.values(contents).some(Boolean)) await known;
  const image = (name: string) => specs.find((spec) => spec.name === name) as ImageSpec;
  return {
    siblings,
    hashed,
    woken: () => woken,
    release: () => {
      release();
      return known;
    },
    patienceEnds: () => {
      for (const timer of timers) timer();
    },
    begin: () => siblings.begin(),
    began: (name: string) => siblings.began(image(name)),
    reached: (name: string, step: string) => siblings.reached(image(name), step),
    ended: (name: string, built = true) => siblings.ended(image(name), built),
    may: (name: string) => siblings.mayStart(image(name)),
    yields: (name: string) => siblings.yields(image(name)),
  };
}

const COMMON = 'FROM base;RUN install;RUN fetch';

describe('an image that shares leading steps with one in flight', () => {
  const files = { a: `${COMMON};RUN a`, b: `${COMMON};RUN b`, other: 'FROM base;RUN other' };

  it('starts when that one has passed them, and others go first', async () => {
    const { began, reached, may, woken } = await family({ files });
    expect(may('b')).toBe(true);
    began('a');
    expect([may('b'), may('other')]).toEqual([false, true]);
    reached('a', '3/4');
    expect(may('b')).toBe(false);
    const before = woken();
    reached('a', '4/4');
    expect(may('b')).toBe(true);
    expect(woken()).toBeGreaterThan(before);
  });

  it('starts when that one has ended, whatever became of it', async () => {
    const { began, ended, may } = await family({ files });
    began('a');
    ended('a', false);
    expect(may('b')).toBe(true);
  });

  it('need not wait for steps that were passed already, as their layers are there', async () => {
    const { began, reached, ended, may } = await family({ files: { ...files, c: `${COMMON};RUN c` } });
    began('a');
    reached('a', '4/4');
    ended('a', false);
    began('b');
    expect(may('c')).toBe(true);
  });

  it('waits again for steps that nobody has passed when the first died in them', async () => {
    const { began, reached, ended, may } = await family({ files });
    began('a');
    reached('a', '3/4');
    ended('a', false);
    began('b');
    expect(may('a')).toBe(false);
  });

  it('is past the first stage when a later one has begun', async () => {
    const { began, reached, may } = await family({
      files: {
        a: `${COMMON};FROM x;COPY --from=0 / /;RUN a`,
        b: `${COMMON};FROM y;COPY --from=0 / /;RUN b`,
      },
    });
    began('a');
    reached('a', '[1/2] 3/3');
    expect(may('b')).toBe(false);
    reached('a', '[2/2] 1/2');
    expect(may('b')).toBe(true);
  });

  it('is not held back by a base alone, or by words that cost nothing', async () => {
    const { began, may } = await family({ files: { a: 'FROM base;ENV A=1;RUN a', b: 'FROM base;ENV A=1;RUN b' } });
    began('a');
    expect(may('b')).toBe(true);
  });

  it.each<[string, Partial<Given>]>([
    ['builds without cache', { images: { b: { noCache: true } } }],
    ['has an argument for that', { images: { a: { extraArgs: ['--no-cache'] } } }],
    ['keeps no layers', { images: { a: { extraArgs: ['--layers=false'] } } }],
    ['is built by BuildKit, which merges equal steps', { dialect: 'buildkit' }],
    ['is built by the legacy builder', { dialect: 'docker-legacy' }],
  ])('is not held back when one %s', async (_name, given) => {
    const { began, may } = await family({ files, ...given });
    began('a');
    expect(may('b')).toBe(true);
  });
});

describe('an image with a large context', () => {
  const files = { heavy: 'FROM base;RUN install;COPY . /', a: `${COMMON};RUN a`, other: 'FROM base;RUN other' };
  const sizes = { heavy: 200, other: 200 };

  it('lets a light one lead that shares its next step, until that is done', async () => {
    const { yields, may, began, reached } = await family({ files, sizes });
    expect(['heavy', 'a', 'other'].map(yields)).toEqual([true, false, false]);
    began('a');
    // Now it is held, and no matter of order.
    expect([yields('heavy'), may('heavy')]).toEqual([false, false]);
    reached('a', '3/4');
    expect([yields('heavy'), may('heavy')]).toEqual([false, true]);
  });

  it('yields again when the light one died in that step', async () => {
    const { yields, began, ended } = await family({ files, sizes });
    began('a');
    ended('a', false);
    expect(yields('heavy')).toBe(true);
  });

  it('yields to none that is as large', async () => {
    const { yields } = await family({ files, sizes: { ...sizes, a: 100 } });
    expect(yields('heavy')).toBe(false);
  });
});

describe('what is copied', () => {
  const files = { a: 'FROM base;COPY src /;RUN a', b: 'FROM base;COPY src /;RUN b' };
  const images = { b: { context: '/a' } };

  it('is the same when it is the same folder, which is not read', async () => {
    const { began, may, hashed } = await family({ files, images });
    began('a');
    expect(may('b')).toBe(false);
    expect(hashed).toEqual([]);
  });

  it('differs when names or sizes do, without reading it', async () => {
    const { began, may, hashed, release } = await family({ files, contents: { a: 'long', b: 'x' } });
    await release();
    began('a');
    expect(may('b')).toBe(true);
    expect(hashed).toEqual([]);
  });

  it.each([
    ['same', 'same', false],
    ['this', 'that', true],
  ])('is compared when names and sizes are the same: %s and %s', async (a, b, expected) => {
    const { began, may, release } = await family({ files, contents: { a, b } });
    await release();
    began('a');
    expect(may('b')).toBe(expected);
  });

  it('counts as the same until it is known, though not for long', async () => {
    const { began, may, patienceEnds, release } = await family({ files, contents: { a: 'same', b: 'same' } });
    began('a');
    await new Promise((resolve) => setImmediate(resolve));
    expect(may('b')).toBe(false);
    patienceEnds();
    expect(may('b')).toBe(true);
    await release();
    expect(may('b')).toBe(false);
  });
});

describe('before anything is known', () => {
  const files = { a: 'FROM base;RUN a', b: 'FROM base;RUN b' };

  it('the first starts at once, and one more when it is known that it may', async () => {
    const { began, may, begin } = await family({ files }, false);
    expect(may('a')).toBe(true);
    began('a');
    expect(may('b')).toBe(false);
    await begin();
    expect(may('b')).toBe(true);
  });
});
