import { describe, expect, it } from '@jest/globals';
import { foldJournal } from '../../src/journal/fold.js';
import { renderJson } from '../../src/report/json.js';
import { createLiveReporter } from '../../src/report/live.js';
import { formatRemovals } from '../../src/report/removals.js';
import { renderSummary } from '../../src/report/summary.js';
import { healthyRun } from '../support/journal-factory.js';

const GIB = 2 ** 30;

describe('what was removed after hand-offs', () => {
  it.each([
    ['nothing', [], undefined],
    ['an image', [{ at: 0, image: 'api', freedBytes: GIB }], '1 image, 1.0 GiB'],
    ['images whose space cannot be seen', [1, 2].map((at) => ({ at, image: 'api' })), '2 images'],
    [
      'images and layers',
      [
        { at: 0, image: 'api', freedBytes: GIB },
        { at: 1, layers: 12, freedBytes: 2 * GIB },
      ],
      '1 image and 12 layers, 3.0 GiB',
    ],
  ])('is told in a line: %s', (_, removals, line) => {
    expect(formatRemovals(removals)).toBe(line);
  });

  it('is in the summary, in report.json and in the log', () => {
    const run = healthyRun();
    const removed = { type: 'image-removed' as const, at: run.at(63), image: 'api', id: 'sha256:ab', freedBytes: GIB };
    const layers = { type: 'layers-removed' as const, at: run.at(64), layers: 3 };
    run.add(removed, layers);
    const report = foldJournal(run.events);
    expect(renderSummary(report)).toContain(
      '\nRemoved from the engine after hand-off: 1 image and 3 layers, 1.0 GiB\n',
    );
    expect(JSON.parse(renderJson(report)).removals).toEqual([
      { at: new Date(run.at(63)).toISOString(), image: 'api', id: 'sha256:ab', freedBytes: GIB },
      { at: new Date(run.at(64)).toISOString(), layers: 3 },
    ]);
    const live = createLiveReporter();
    expect([removed, layers].flatMap((event) => live.lines(event).map(({ text }) => text))).toEqual([
      'removed from the engine: api, 1.0 GiB freed',
      'removed from the engine: 3 layers of images removed before',
    ]);
  });
});
