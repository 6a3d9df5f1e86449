import { describe, expect, it } from '@jest/globals';
import {
  entryName,
  imagesToKeep,
  isUsableEntry,
  KEPT_FOR_MS,
  MOST_BYTES,
  MOST_BYTES_OF_RUN,
  readEntryName,
} from '../../src/history/kept-image.js';
import type { JournalEvent, RememberedImage } from '../../src/journal/events.js';

const kept = (name: string, sizeBytes?: number): RememberedImage => ({
  schema: 1,
  key: 'ab'.repeat(32),
  id: `sha256:${'cd'.repeat(32)}`,
  name,
  at: 5,
  ...(sizeBytes === undefined ? {} : { sizeBytes }),
});
/** Events of an image that took so long to be built, and of its being remembered. */
const built = (name: string, ms: number, sizeBytes?: number) =>
  [
    { type: 'attempt-started', at: 10, image: name, attempt: 1, command: '', log: '' },
    { type: 'attempt-ended', at: 10 + ms, image: name, attempt: 1, ending: { kind: 'exited', code: 0 }, usage: {} },
    { type: 'image-remembered', at: 20 + ms, image: name, kept: kept(name, sizeBytes) },
  ] as JournalEvent[];
const names = (images: readonly { name: string }[]) => images.map(({ name }) => name);

describe('the images of a run that are worth an archive', () => {
  it('are those that it remembered, what took longest first', () => {
    const events = [...built('short', 1), ...built('long', 9), ...built('middle', 5).slice(0, 2)];
    const { images, left } = imagesToKeep(events);
    expect([names(images), left]).toEqual([['long', 'short'], []]);
    expect(images[0]).toEqual(kept('long'));
  });

  it('are none that is too large, and no more than a run may keep', () => {
    const half = MOST_BYTES_OF_RUN / 2;
    const events = [
      ...built('huge', 9, MOST_BYTES + 1),
      ...built('a', 8, half),
      ...built('b', 7, half),
      ...built('c', 6, 1),
    ];
    const { images, left } = imagesToKeep(events);
    expect([names(images), names(left)]).toEqual([
      ['a', 'b'],
      ['huge', 'c'],
    ]);
  });

  it('are none that a damaged journal tells of', () => {
    const [, , event] = built('a', 1);
    expect(imagesToKeep([{ ...event, kept: { ...kept('a'), key: '../..' } } as JournalEvent]).images).toEqual([]);
  });
});

describe('the name of an entry', () => {
  const [key, other] = ['ab'.repeat(32), 'cd'.repeat(32)];

  it('says when the image was built, and how large its archive is', () => {
    expect(readEntryName(entryName(kept('a'), 70), key)).toEqual({ at: 5, bytes: 70 });
  });

  it.each([
    ['of another image', entryName({ ...kept('a'), key: other }, 70)],
    ['of another version', `e2e-build-image-2-${key}-5-70`],
    ['with something else in it', `e2e-build-image-1-${key}-5-70-x`],
    ['without figures', `e2e-build-image-1-${key}-`],
  ])('is none: one %s', (_, name) => {
    expect(readEntryName(name, key)).toBeUndefined();
  });

  it.each<[string, number, number, boolean]>([
    ['young and small', 0, MOST_BYTES, true],
    ['30 days old', KEPT_FOR_MS, 1, true],
    ['older', KEPT_FOR_MS + 1, 1, false],
    ['of the future', -1, 1, false],
    ['too large', 0, MOST_BYTES + 1, false],
  ])('says whether it can be used: one that is %s', (_, ageMs, bytes, usable) => {
    expect(isUsableEntry({ at: 10 * KEPT_FOR_MS - ageMs, bytes }, 10 * KEPT_FOR_MS)).toBe(usable);
  });
});
