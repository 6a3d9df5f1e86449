import { describe, expect, it } from '@jest/globals';
import { ALL, chooseImages, firstChoice, IN_INCIDENT, NO_SUCCESS, RETRIED, rowsOf } from '../../client/rows.js';
import { indexAt, rowTarget } from '../../client/target.js';
import { niceScale } from '../../client/value-axis.js';
import { foldJournal } from '../../src/journal/fold.js';
import { reportData } from '../../src/report/html/data.js';
import { BROKEN, crashedRun, journal } from '../support/journal-factory.js';

const run = crashedRun().starts(46, 'Apple').fails(47, 'Apple', BROKEN).givesUp(47, 'Apple', BROKEN);
const data = reportData(foldJournal(run.events));
const { images } = data;

const names = (choice: { name?: string; outcome?: string; order?: string }) =>
  chooseImages(images, { name: '', outcome: ALL, order: 'listed', ...choice }).map((index) => images[index]?.name);

describe('the images that are shown', () => {
  it.each([
    ['all, as they are listed', {}, ['api', 'web', 'db', 'Apple']],
    ['those with a part of the name, in any case', { name: ' AP ' }, ['api', 'Apple']],
    ['those without success', { outcome: NO_SUCCESS }, ['Apple']],
    ['those that were retried', { outcome: RETRIED }, ['api', 'web']],
    ['those that an incident took down', { outcome: IN_INCIDENT, name: 'w' }, ['web']],
    ['those with an outcome', { outcome: 'success' }, ['api', 'web', 'db']],
    ['all, by their start', { order: 'start' }, ['db', 'api', 'web', 'Apple']],
    ['all, the longest first', { order: 'longest' }, ['web', 'api', 'db', 'Apple']],
    ['all, trouble first', { order: 'trouble' }, ['Apple', 'api', 'web', 'db']],
  ])('are %s', (_, choice, wanted) => {
    expect(names(choice)).toEqual(wanted);
  });

  it('come with trouble first when they are many', () => {
    expect(firstChoice(images).order).toBe('listed');
    const many = journal(Array.from({ length: 100 }, (_, index) => String(index)));
    expect(firstChoice(reportData(foldJournal(many.events)).images).order).toBe('trouble');
  });

  it('have a row for each attempt below them when they are open', () => {
    expect(rowsOf(images, [2, 0], new Set([0, 1]))).toEqual([
      { image: 2 },
      { image: 0 },
      { image: 0, attempt: 0 },
      { image: 0, attempt: 1 },
    ]);
  });
});

describe('what is pointed at', () => {
  // One pixel is 100 ms, and the plot begins at pixel 100.
  const view = { data, span: { from: 0, until: 50_000 }, layout: { gutter: 100, width: 500, right: 0 } };

  it.each([
    ['a name', 50, { kind: 'name', image: 1 }],
    ['the wait before the first attempt', 130, { kind: 'wait', image: 1, wait: 0 }],
    ['an attempt', 200, { kind: 'attempt', image: 1, attempt: 0 }],
    ['the wait between attempts', 325, { kind: 'wait', image: 1, wait: 1 }],
    ['the next attempt', 400, { kind: 'attempt', image: 1, attempt: 1 }],
  ])('is %s', (_, pixel, wanted) => {
    expect(rowTarget({ image: 1 }, pixel, view)).toEqual(wanted);
  });

  it('is nothing where nothing is drawn', () => {
    expect(rowTarget({ image: 2 }, 400, view)).toBeUndefined();
    expect(rowTarget({ image: 1, attempt: 1 }, 200, view)).toBeUndefined();
  });

  it('is something short, too, when the pointer is near it', () => {
    expect(indexAt([{ from: 10_000, until: 10_001 }], 202, view)).toBe(0);
    expect(indexAt([{ from: 10_000, until: 10_001 }], 205, view)).toBeUndefined();
  });
});

describe('a value axis', () => {
  it.each([
    ['percent', [12.5], undefined, 15],
    ['percent', [96], 100, 100],
    ['percent', [180], undefined, 200],
    ['bytes', [600 * 1024 ** 2], undefined, 768 * 1024 ** 2],
    ['bytes', [null], 7 * 1024 ** 3, 8 * 1024 ** 3],
    ['count', [1], undefined, 1],
    ['count', [430], undefined, 500],
    ['count', [0, null], undefined, 1],
  ] as const)('of %s up to %j, at least %j, ends at %j', (unit, values, most, end) => {
    const chart = {
      title: '',
      unit,
      series: [{ name: '', values: [...values] }],
      ...(most === undefined ? {} : { most }),
    };
    expect(niceScale(chart).most).toBe(end);
  });
});
