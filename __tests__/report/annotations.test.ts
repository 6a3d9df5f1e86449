import { describe, expect, it } from '@jest/globals';
import { foldJournal } from '../../src/journal/fold.js';
import { annotationsOf, stepError } from '../../src/report/annotations.js';
import { withFailingLines } from '../../src/report/failing-lines.js';
import { renderSummary } from '../../src/report/summary.js';
import { BROKEN, CRASH, journal } from '../support/journal-factory.js';

const CONTAINERFILE = 'FROM scratch\nCOPY . .\nRUN make\n';
const images = (...names: string[]) =>
  names.map((name) => ({ name, tags: [`${name}:e2e`], file: `${name}/Containerfile` }));

/** A journal of images that have a Containerfile each, and the report of it with the lines that were found. */
const located = (run: ReturnType<typeof journal>) =>
  withFailingLines(foldJournal(run.events), (file) => (file.endsWith('/Containerfile') ? CONTAINERFILE : undefined));

/** An image that fails in its third instruction. */
function breaks(run: ReturnType<typeof journal>, image: string) {
  return run
    .starts(1, image)
    .add({ type: 'step-started', at: run.at(2), image, attempt: 1, step: '3/3', text: 'RUN make' })
    .fails(3, image, BROKEN)
    .givesUp(3, image, BROKEN);
}

describe('the annotations', () => {
  it('put a failed image at its Containerfile and the line that failed', async () => {
    const report = await located(breaks(journal([], { images: images('api') }), 'api').over(4, 'failure'));
    expect(annotationsOf(report)).toEqual([
      {
        title: 'api',
        message:
          'api: build-failed after 1 attempt: Error: building at STEP "RUN make": while running runtime: exit status 2',
        file: 'api/Containerfile',
        line: 3,
      },
    ]);
    expect(renderSummary(report)).toContain('- At: `api/Containerfile:3`\n');
  });

  it('put an image that a crash took at its Containerfile, and no line', async () => {
    const run = journal([], { images: images('api') })
      .starts(1, 'api')
      .add({ type: 'step-started', at: 0, image: 'api', attempt: 1, step: '3/3', text: 'RUN make' })
      .fails(3, 'api', CRASH)
      .givesUp(3, 'api', CRASH)
      .over(4, 'failure');
    const [annotation] = annotationsOf(await located(run));
    expect(annotation).toMatchObject({ file: 'api/Containerfile' });
    expect(annotation).not.toHaveProperty('line');
  });

  it('have no place where the engine fetched the Containerfile', async () => {
    const [annotation] = annotationsOf(await located(breaks(journal(['api']), 'api')));
    expect(Object.keys(annotation ?? {})).toEqual(['title', 'message']);
  });

  it('leave out what was cancelled or never ended', async () => {
    const run = journal([], { images: images('api', 'web') }).givesUp(1, 'web', BROKEN, 'cancelled');
    const report = await located(run.starts(1, 'api').over(4, 'cancelled'));
    expect(annotationsOf(report)).toEqual([]);
    expect(stepError(report, 0)).toContain('2 of 2 images were not built:\n');
  });

  it('are nine at most, as the step has an error of its own, which says how many more there are', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `service-${index}`);
    const run = names.reduce(breaks, journal([], { images: images(...names, 'web') })).over(9, 'failure');
    const report = await located(run);
    expect(annotationsOf(report)).toHaveLength(9);
    expect(stepError(report, 9)).toMatch(/^13 of 13 images were not built \(3 more than are annotated\):\n/);
    expect(stepError(report, 9)).toContain('service-11: build-failed');
  });

  it('leave room for the errors that told of engines that stayed dead', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `service-${index}`);
    const run = names.reduce(breaks, journal(names)).dies(5, 1, names).answers(6, 1, false).over(9, 'failure');
    expect(annotationsOf(await located(run))).toHaveLength(8);
  });

  it('read each Containerfile once, and none when nothing failed', async () => {
    const read: string[] = [];
    const reader = (file: string) => {
      read.push(file);
      return undefined;
    };
    const shared = ['api', 'web'].map((name) => ({ name, tags: [], file: 'Containerfile' }));
    await withFailingLines(
      foldJournal(journal([], { images: shared }).starts(1, 'api').builds(2, 'api').events),
      reader,
    );
    expect(read).toEqual([]);
    const run = breaks(breaks(journal([], { images: shared }), 'api'), 'web');
    await withFailingLines(foldJournal(run.events), reader);
    expect(read).toEqual(['Containerfile']);
  });
});

describe('a run of which all images succeeded, and what was left to do at the end did not', () => {
  const report = foldJournal(
    journal(['api'])
      .starts(1, 'api')
      .builds(2, 'api')
      .add({ type: 'warning', at: 0, message: 'the archives in out are not complete: ENOSPC' })
      .over(3, 'failure').events,
  );

  it('fails for that', () => {
    expect(stepError(report, 0)).toBe('the archives in out are not complete: ENOSPC');
    expect(renderSummary(report)).toContain('## Failure: 1 image built, but what was left to do at the end failed');
  });
});

describe('a run that loads', () => {
  it('is told as one', () => {
    const run = journal(['api', 'web'], { loads: true }).starts(1, 'api').builds(2, 'api');
    const report = foldJournal(
      run.starts(2, 'web').fails(3, 'web', BROKEN).givesUp(3, 'web', BROKEN).over(3, 'failure').events,
    );
    expect(renderSummary(report)).toContain('## Failure: 1 of 2 images not loaded');
    expect(renderSummary(report)).toContain('loaded in');
    expect(stepError(report, 0)).toContain('1 of 2 images were not loaded');
  });
});
