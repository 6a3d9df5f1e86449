import { describe, expect, it } from '@jest/globals';
import { figureRow, formatTable, median } from '../../bench/table.mjs';
import { bestOfTwoLanes } from '../../bench/user-images.mjs';

const figure = { what: 'crash', peer: 'serial', beside: 10_000, most: 1.3 };

describe('the tables of the benchmark', () => {
  it('say whether a target is met', () => {
    expect(figureRow({ ...figure, ours: 13_000 })).toEqual([
      'crash',
      '13.0 s',
      'serial: 10.0 s',
      '1.30',
      '≤ 1.3',
      'yes',
    ]);
    expect(figureRow({ ...figure, ours: 13_010 }).at(-1)).toBe('falls short');
  });

  it('take what did not succeed, or was not measured, for falling short', () => {
    expect(figureRow({ ...figure, ours: undefined })).toEqual([
      'crash',
      'never',
      'serial: 10.0 s',
      '',
      '≤ 1.3',
      'falls short',
    ]);
    expect(figureRow({ ...figure, ours: 1, beside: undefined }).at(-1)).toBe('falls short');
  });

  it('say nothing of a figure that has no target', () => {
    const { most: _, ...rest } = figure;
    expect(figureRow({ ...rest, ours: 5_000 })).toEqual(['crash', '5.0 s', 'serial: 10.0 s', '0.50', '', '']);
  });

  it('can be pasted as markdown', () => {
    const table = {
      title: 'T',
      rows: [
        ['a', 'b'],
        ['1', '2'],
      ],
      notes: ['N.'],
    };
    expect(formatTable(table, true)).toBe('## T\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\n- N.');
  });
});

describe('the median', () => {
  it.each([
    ['none', [], undefined],
    ['one', [3], 3],
    ['two', [3, 1], 2],
    ['three', [9, 1, 3], 3],
  ])('of %s', (_, values, expected) => expect(median(values)).toBe(expected));
});

describe('the best that two lanes can do', () => {
  it.each([
    ["the user's three images", [82, 150, 233], 233],
    ['a set that longest-first packs worse', [3, 3, 2, 2, 2], 6],
    ['nothing', [], 0],
  ])('with %s', (_, times, expected) => expect(bestOfTwoLanes(times)).toBe(expected));
});
