import { describe, expect, it } from '@jest/globals';
import { createContexts } from '../../src/build/contexts.js';
import type { JournalEvent } from '../../src/journal/events.js';
import { imageSpec } from '../support/image-spec-factory.js';

const SIZE = { bytes: 5, files: 1, complete: true, ignoreFile: false };

/** Contexts are measured when `begin` is called, each within so many milliseconds of the lab's clock. */
function lab(contexts: Record<string, string>, tookMs = 0) {
  const over = new AbortController();
  const events: JournalEvent[] = [];
  const measured: string[] = [];
  const state = { at: 0, begin: () => {} };
  const images = Object.entries(contexts).map(([name, context]) => imageSpec({ name, context }));
  const effects = {
    measureContext: async ({ context }: { context: string }, signal?: AbortSignal) => {
      measured.push(context);
      state.at += tookMs;
      if (context === 'last') over.abort();
      return signal?.aborted ? undefined : SIZE;
    },
    timer: (_ms: number, callback: () => void) => {
      state.begin = callback;
      return () => {};
    },
    record: (event: JournalEvent) => events.push(event),
    now: () => state.at,
  };
  const created = createContexts(images, effects, over.signal);
  const told = () => events.map((event) => (event.type === 'context-measured' ? event.image : event.type));
  return { ...created, over, measured, told, begin: () => state.begin() };
}

describe('contexts', () => {
  it('are measured once each, and a folder once for all images that it is of', async () => {
    const { measureAll, begin, measured, told } = lab({ api: 'a', web: 'a', db: 'b' });
    const all = measureAll();
    expect(measured).toEqual([]);
    begin();
    await all;
    expect(measured).toEqual(['a', 'b']);
    expect(told()).toEqual(['api', 'web', 'db']);
  });

  it('of images in flight when the engine dies are measured at once, though the run is over', async () => {
    const { measure, over, told } = lab({ api: 'a', web: 'b', db: 'c' });
    over.abort();
    await measure(new Set(['web']));
    await measure(new Set(['web']));
    expect(told()).toEqual(['web']);
  });

  it('are left when the run is over', async () => {
    const { measureAll, begin, measured, told } = lab({ api: 'a', web: 'last', db: 'c' });
    const all = measureAll();
    begin();
    await all;
    expect(measured).toEqual(['a', 'last']);
    expect(told()).toEqual(['api']);
  });

  it('are left when it is over before they were begun', async () => {
    const { measureAll, over, measured } = lab({ api: 'a' });
    const all = measureAll();
    over.abort();
    await all;
    expect(measured).toEqual([]);
  });

  it('are measured for a minute together', async () => {
    const { measureAll, begin, measured } = lab({ a: 'a', b: 'b', c: 'c', d: 'd' }, 25_000);
    const all = measureAll();
    begin();
    await all;
    expect(measured).toEqual(['a', 'b', 'c']);
  });
});
