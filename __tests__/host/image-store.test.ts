import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { KEPT_FOR_MS, type KeptImage, MOST_KEPT } from '../../src/history/kept-image.js';
import { createImageStore } from '../../src/host/image-store.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'image-store-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const key = (number: number) => number.toString(16).padStart(64, '0');
const image = (number: number, more: Partial<KeptImage> = {}): KeptImage => ({
  schema: 1,
  key: key(number),
  id: `sha256:${'ab'.repeat(32)}`,
  name: 'api',
  at: Date.now() - 1000,
  ...more,
});
const pathOf = (number: number) => join(folder, 'images', `image-${key(number)}.json`);
const store = () => createImageStore(join(folder, 'images'));

describe('the store of images that were built', () => {
  it('gives what was kept, and nothing where there is no folder', () => {
    expect(store().find(key(1))).toBeUndefined();
    store().keep(image(1, { sizeBytes: 3 }));
    store().keep(image(2));
    expect(store().find(key(1))).toMatchObject({ key: key(1), sizeBytes: 3 });
    expect(store().find(key(3))).toBeUndefined();
  });

  it.each<[string, string]>([
    ['an image that is too old', JSON.stringify(image(1, { at: Date.now() - KEPT_FOR_MS - 1000 }))],
    ['an image of the future, which would never grow old', JSON.stringify(image(1, { at: Date.now() + 60_000 }))],
    ['an image of another key', JSON.stringify(image(2))],
    ['an id that is none', JSON.stringify(image(1, { id: '--help' }))],
    ['a text that was cut', JSON.stringify(image(1)).slice(0, -1)],
    ['a later version', JSON.stringify({ ...image(1), schema: 2 })],
    ['a file that is none of ours', `${JSON.stringify(image(1))}${' '.repeat(20_000)}`],
  ])('gives nothing for %s', (_, text) => {
    store().keep(image(1));
    writeFileSync(pathOf(1), text);
    expect(store().find(key(1))).toBeUndefined();
  });

  it('keeps the newest, and removes what is too old, what was never finished, and nothing else', () => {
    for (let number = 1; number <= MOST_KEPT; number += 1) {
      store().keep(image(number));
      const at = Date.now() / 1000 - 5_000 + number;
      utimesSync(pathOf(number), at, at);
    }
    writeFileSync(join(folder, 'images', 'notes.txt'), 'mine');
    store().keep(image(9_000));
    expect(readdirSync(join(folder, 'images'))).toHaveLength(MOST_KEPT + 1);
    expect(store().find(key(1))).toBeUndefined();
    expect(store().find(key(2))).toBeDefined();

    const unfinished = `${pathOf(2)}.00000000-0000-0000-0000-000000000000.new`;
    writeFileSync(unfinished, '');
    const long = (Date.now() - KEPT_FOR_MS - 1000) / 1000;
    for (const path of [unfinished, pathOf(3)]) utimesSync(path, long, long);
    store().keep(image(9_001));
    expect(readdirSync(join(folder, 'images')).some((name) => name.endsWith('.new'))).toBe(false);
    expect(store().find(key(3))).toBeUndefined();
    expect(readdirSync(join(folder, 'images'))).toContain('notes.txt');
  });
});
