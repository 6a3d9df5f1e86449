import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { foldJournal } from '../../src/journal/fold.js';
import { renderTimeline } from '../../src/report/timeline.js';
import { readGantt } from '../support/gantt-grammar.js';
import { HOSTILE } from '../support/hostile-text.js';
import { BROKEN, CRASH, crashedRun, journal, lostRun, START } from '../support/journal-factory.js';

const timeline = (run: { events: Parameters<typeof foldJournal>[0] }) =>
  readGantt(renderTimeline(foldJournal(run.events)));

describe('the timeline', () => {
  it('shows every attempt, every crash and every change of the lane, from the start on', () => {
    const { title, tasks } = timeline(crashedRun());
    expect(title).toBe('Time since the start in minutes and seconds');
    expect(tasks.map(({ section, text, tags, from, until }) => [section, text, tags.join(' '), from, until])).toEqual([
      ['api', 'waits 5.0s', '', 0, 5_000],
      ['api', 'attempt 1 engine-crash after 15.0s', 'crit', 5_000, 20_000],
      ['api', 'waits 5.0s', '', 20_000, 25_000],
      ['api', 'attempt 2 built in 20.0s', 'done', 25_000, 45_000],
      ['web', 'waits 6.0s', '', 0, 6_000],
      ['web', 'attempt 1 engine-crash after 14.1s', 'crit', 6_000, 20_100],
      ['web', 'waits 4.9s', '', 20_100, 25_000],
      ['web', 'attempt 2 built in 25.0s', 'done', 25_000, 50_000],
      ['db', 'attempt 1 built in 5.0s', 'done', 0, 5_000],
      ['Incidents', 'incident 1', 'milestone crit', 20_000, 20_000],
      ['Incidents', 'engine 1 back after 2.3s', 'active', 20_000, 22_300],
      ['Lane', 'at most 3 (parallel)', 'done', 0, 20_000],
      ['Lane', 'at most 2 (reduced)', 'active', 20_000, 50_000],
    ]);
  });

  it('shows an engine that never answered and a lane that became serial', () => {
    const { tasks } = timeline(lostRun());
    expect(tasks.map((task) => task.text)).toContain('engine 2 no answer for 2m 00s');
    expect(tasks.at(-1)).toMatchObject({ text: 'at most 1 (serial)', tags: ['crit'] });
  });

  it('shows the steps of a few images, those from the cache aside', () => {
    const run = journal(['api']).starts(0, 'api');
    const step = { type: 'step-started' as const, image: 'api', attempt: 1 };
    run.add({ ...step, at: run.at(0.1), step: '1/3', text: 'FROM scratch', cached: true });
    run.add({ ...step, at: run.at(1), step: '2/3', text: 'RUN echo "a: b; c" # d' });
    run.add({ ...step, at: run.at(4), step: '3/3', text: 'COPY . .' });
    const { tasks } = timeline(run.builds(9, 'api'));
    expect(tasks.slice(1, 3)).toMatchObject([
      { text: 'step 2/3 RUN echo a b c d', from: 1_000, until: 4_000 },
      { text: 'step 3/3 COPY . .', from: 4_000, until: 9_000 },
    ]);
  });

  it('shows what was done to bring the engine back', () => {
    const run = journal(['api']).starts(0, 'api').dies(5, 1, ['api']);
    run.add({ type: 'recovery', at: run.at(7), incident: 1, command: 'systemctl restart docker', code: 0, said: '' });
    const { tasks } = timeline(run.answers(9, 1));
    expect(tasks).toContainEqual({
      section: 'Incidents',
      text: 'recovery 1',
      tags: ['milestone'],
      from: 7_000,
      until: 7_000,
    });
  });

  it('ends an attempt that the journal does not end at the last event', () => {
    const { tasks } = timeline(journal(['api']).starts(1, 'api').samples(9));
    expect(tasks[1]).toMatchObject({
      text: 'attempt 1 unfinished after 8.0s',
      tags: ['active'],
      from: 1_000,
      until: 9_000,
    });
  });

  it('has an axis even for a run that ended at once', () => {
    expect(timeline(journal([])).tasks).toMatchObject([{ section: 'Lane', from: 0, until: 1 }]);
  });

  it('counts seconds beyond an hour, where minutes would begin again', () => {
    const run = journal(['api']).starts(0, 'api').builds(4_000, 'api').over(4_000, 'success');
    expect(renderTimeline(foldJournal(run.events))).toContain('axisFormat %s s');
    expect(timeline(run).title).toBe('Time since the start in seconds');
  });

  it.each(HOSTILE)('is not broken by an image named %j', (name) => {
    const { tasks } = timeline(
      journal([name, `${name}!`])
        .starts(1, name)
        .builds(2, name)
        .starts(2, `${name}!`),
    );
    expect(tasks).toHaveLength(5);
  });

  it('is not broken by any names, and keeps sections apart', () => {
    const names = fc.uniqueArray(
      fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('Lane', 'Incidents', 'a:b', 'a;b', 'a b', 'a b (2)')),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(names, (all) => {
        const run = journal(all);
        for (const name of all) run.starts(1, name);
        expect(timeline(run).tasks).toHaveLength(2 * all.length + 1);
      }),
    );
  });

  it('of 500 images shows those that failed, were retried or took longest, and counts the rest', () => {
    const names = Array.from({ length: 500 }, (_, index) => `image-${index}`);
    const run = journal(names);
    names.forEach((name, index) => {
      run.starts(index, name);
      if (index === 100) run.fails(index + 1, name, BROKEN).givesUp(index + 1, name, BROKEN);
      else if (index === 200)
        run
          .fails(index + 1, name, CRASH)
          .starts(index + 2, name)
          .builds(index + 3, name);
      else run.builds(index + 1 + index / 1000, name);
    });
    const { title, tasks } = timeline(run.over(600, 'failure'));
    expect(title).toContain('60 of 500 images - failed, retried and longest, 440 left out');
    const sections = [...new Set(tasks.map((task) => task.section))];
    expect(sections).toEqual(['Without success', 'Built after a retry', 'Built', 'Lane']);
    expect(tasks.filter(({ section }) => section !== 'Lane')).toHaveLength(60);
    const inSection = (name: string) => tasks.filter(({ section }) => section === name).map(({ text }) => text);
    expect(inSection('Without success')).toEqual(['image image-100 build-failed in 1.0s']);
    expect(inSection('Built after a retry')).toEqual(['image image-200 success in 3.0s - 2 attempts']);
    expect(inSection('Built').at(-1)).toBe('image image-499 success in 1.5s');
  });

  it.each([20, 70])('of %i images stays within what GitHub draws, whatever the run was', (images) => {
    const names = Array.from({ length: 100 }, (_, index) => `${index}-${'long'.repeat(30)}`);
    const run = journal(names);
    for (let attempt = 0; attempt < 100; attempt += 1) {
      for (const name of names.slice(0, images)) run.starts(attempt, name).fails(attempt, name, CRASH);
      run.dies(attempt, attempt + 1, names);
      run.add({ type: 'lane-changed', at: START, from: 2, lane: 1, mode: 'serial', why: 'incident' });
    }
    const diagram = renderTimeline(foldJournal(run.events));
    expect(diagram.length).toBeLessThan(50_000);
    expect(diagram).toContain(images === 20 ? '(90 attempts earlier)' : '100 attempts');
    readGantt(diagram);
  });
});
