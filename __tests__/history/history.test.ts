import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  formatHistory,
  type History,
  mergeHistories,
  NO_HISTORY,
  type PastBuild,
  parseHistory,
} from '../../src/history/history.js';

const ENGINE = 'podman/podman-remote';

function runOf(id: string, at: number, engine = ENGINE): History['runs'][number] {
  return {
    id,
    at,
    engine,
    startLane: 2,
    endLane: 2,
    mode: 'parallel',
    incidents: 0,
    result: 'success',
    durationMs: 1,
  };
}

function built(run: string, at: number, values: Partial<PastBuild> = {}): PastBuild {
  return { run, at, incidents: 0, ms: 10, ...values };
}

/** What runs of a few images leave; ids and images collide now and then. */
const histories: fc.Arbitrary<History> = fc
  .array(fc.record({ at: fc.nat(30), images: fc.subarray(['api', 'web', '__proto__', 'db']) }), { maxLength: 12 })
  .map((runs) =>
    mergeHistories(
      runs.map(({ at, images }) => ({
        schema: 1,
        runs: [runOf(`run-${at}`, at)],
        images: images.map((name) => ({
          engine: ENGINE,
          name,
          builds: [built(`run-${at}`, at, { steps: [{ text: `RUN ${at}`, ms: at }] })],
        })),
      })),
    ),
  );

describe('a history', () => {
  it('is read as it was written', () => {
    fc.assert(fc.property(histories, (history) => expect(parseHistory(formatHistory(history))).toEqual(history)));
  });

  it('is not read from anything else, and nothing makes its reader throw', () => {
    const foreign = fc.oneof(
      fc.json(),
      fc.string({ unit: 'binary' }),
      fc.constant('{"schema":2,"runs":[],"images":[]}'),
    );
    fc.assert(fc.property(foreign, (text) => expect(parseHistory(text)).toBeUndefined()));
  });

  it.each<[string, object]>([
    ['a name without end', { engine: 'e', name: 'x'.repeat(300), builds: [] }],
    ['a negative duration', { engine: 'e', name: 'x', builds: [built('r', 1, { ms: -1 })] }],
    ['a build without a run', { engine: 'e', name: 'x', builds: [{ at: 1, incidents: 0 }] }],
  ])('with %s is none', (_name, image) => {
    expect(parseHistory(JSON.stringify({ schema: 1, runs: [], images: [image] }))).toBeUndefined();
  });

  it('may have fields that a later version of the same schema adds', () => {
    expect(parseHistory('{"schema":1,"runs":[],"images":[],"more":1}')).toEqual(NO_HISTORY);
  });
});

describe('merged histories', () => {
  it('are the same in whatever order, and however often', () => {
    fc.assert(
      fc.property(histories, histories, histories, (a, b, c) => {
        const all = mergeHistories([a, b, c]);
        expect(mergeHistories([c, mergeHistories([b, a]), b])).toEqual(all);
        expect(mergeHistories([all, all])).toEqual(all);
      }),
    );
  });

  it('have what either of two writers knows', () => {
    const [first, second] = [1, 2].map((at) => ({
      ...NO_HISTORY,
      runs: [runOf(`run-${at}`, at)],
      images: [{ engine: ENGINE, name: 'api', builds: [built(`run-${at}`, at)] }],
    })) as [History, History];
    const both = mergeHistories([first, second]);
    expect(both.runs.map(({ id }) => id)).toEqual(['run-2', 'run-1']);
    expect(both.images[0]?.builds.map(({ run }) => run)).toEqual(['run-2', 'run-1']);
  });

  it('stay bounded: the newest runs of an engine, builds of an image, and images', () => {
    const many = Array.from({ length: 3_000 }, (_, index) => index);
    const history = mergeHistories([
      {
        schema: 1,
        runs: many.map((at) => runOf(`run-${at}`, at, `engine-${at % 100}`)),
        images: many.flatMap((at) => [
          { engine: ENGINE, name: 'api', builds: [built(`run-${at}`, at, { steps: [{ text: 'RUN x', ms: at }] })] },
          { engine: ENGINE, name: `image-${at}`, builds: [built(`run-${at}`, at)] },
        ]),
      },
    ]);
    expect(history.runs).toHaveLength(8 * 20);
    expect(history.images).toHaveLength(1_000);
    const api = history.images.find(({ name }) => name === 'api');
    expect(api?.builds.map(({ at }) => at)).toEqual([2999, 2998, 2997, 2996, 2995, 2994, 2993, 2992]);
    // Steps are kept of the newest build alone.
    expect(api?.builds.map(({ steps }) => steps?.length)).toEqual([1, ...Array(7).fill(undefined)]);
    expect(history.images.some(({ name }) => name === 'image-0')).toBe(false);
  });

  it('keeps of all images their builds of the last runs in which the engine died, as long as these are remembered', () => {
    const runs = Array.from({ length: 20 }, (_, at) => ({
      ...runOf(`run-${at}`, at, ENGINE),
      incidents: at < 6 ? 1 : 0,
    }));
    const imageOf = (name: string, incidents: number) => ({
      engine: ENGINE,
      name,
      builds: runs.map(({ id, at }) => built(id, at, { incidents: at < 6 ? incidents : 0 })),
    });
    const history = mergeHistories([{ schema: 1, runs, images: [imageOf('heavy', 1), imageOf('light', 0)] }]);
    for (const { builds } of history.images)
      expect(builds.map(({ at }) => at)).toEqual([19, 18, 17, 16, 15, 14, 13, 12, 5, 4, 3, 2]);
    const later = Array.from({ length: 20 }, (_, index) => runOf(`run-${20 + index}`, 20 + index, ENGINE));
    const forgotten = mergeHistories([history, { schema: 1, runs: later, images: [] }]);
    expect(forgotten.images.map(({ builds }) => builds.length)).toEqual([8, 8]);
  });

  it('have at most so much text: a thousand images with all their steps fit the file that is read', () => {
    const step = { text: 'x'.repeat(500), ms: Number.MAX_SAFE_INTEGER };
    const images = Array.from({ length: 1_500 }, (_, index) => ({
      engine: ENGINE,
      name: `image-${index}`,
      builds: Array.from({ length: 20 }, (_, run) => built(`run-${run}`, run, { steps: Array(200).fill(step) })),
    }));
    expect(formatHistory(mergeHistories([{ schema: 1, runs: [], images }])).length).toBeLessThan(8 * 1024 * 1024);
  });
});
