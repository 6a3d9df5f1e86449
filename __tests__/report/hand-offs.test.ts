import { describe, expect, it } from '@jest/globals';
import { foldJournal } from '../../src/journal/fold.js';
import { annotationsOf, stepError } from '../../src/report/annotations.js';
import { reportData } from '../../src/report/html/data.js';
import { renderJson } from '../../src/report/json.js';
import { reportSchema } from '../../src/report/json-schema.js';
import { renderJunit } from '../../src/report/junit.js';
import { createLiveReporter } from '../../src/report/live.js';
import { outputsOf } from '../../src/report/outputs.js';
import { renderSummary } from '../../src/report/summary.js';
import { renderTimeline } from '../../src/report/timeline.js';
import { renderTrace } from '../../src/report/trace.js';
import { describeWait, waitsOf } from '../../src/report/waits.js';
import { readGantt } from '../support/gantt-grammar.js';
import { HOSTILE } from '../support/hostile-text.js';
import { CRASH, handedOverRun, journal, REFUSED, START } from '../support/journal-factory.js';

const report = () => foldJournal(handedOverRun().events);
const LATE = 'needs "broken", which was not built (build-failed)';

describe('hand-offs and skipped images', () => {
  it('are told in the step log, and the log of a failed hand-off is shown', () => {
    const live = createLiveReporter();
    const lines: string[] = [];
    const logs: object[] = [];
    for (const event of handedOverRun().events) {
      lines.push(...live.lines(event).map(({ text }) => text));
      const log = live.finishedLog(event);
      if (log !== undefined && !/^\w+, /.test(log.title)) logs.push(log);
    }
    expect(lines).toContain('hand over: api → kind:e2e, attempt 2');
    expect(lines).toContain('handed over: api → kind:e2e: loaded into 2 nodes (6.0s, 117.7 MiB)');
    expect(lines).toContain(
      'not handed over: api → push, attempt 1 failed after 2.0s: registry-flake: Error: dial tcp: connection refused',
    );
    expect(lines).toContain(`skipped: late: ${LATE}`);
    expect(lines).toContain('start: broken, attempt 1 (2 running)');
    expect(logs).toEqual([
      { title: 'api → kind:e2e, attempt 1: engine-crash, 4.0s', log: 'logs/api-kind:e2e-1.log' },
      { title: 'api → push, attempt 1: registry-flake, 2.0s', log: 'logs/api-push-1.log' },
    ]);
  });

  it('are in the heartbeat while they run', () => {
    const live = createLiveReporter();
    const run = journal(['api']).starts(0, 'api').makes(5, 'api');
    run.add({ type: 'hand-off-started', at: run.at(5), image: 'api', to: 'kind:e2e', attempt: 1, log: 'l' });
    for (const event of run.events) {
      live.lines(event);
      live.finishedLog(event);
    }
    expect(live.heartbeat(START + 45_000)?.text).toMatch(/^running: api → kind:e2e, attempt 1 \(40\.0s\)/);
  });

  it('are in the headline, where a built image is never called not built', () => {
    const text = renderSummary(report());
    expect(text).toContain('## Failure: 2 of 5 images not built, 1 skipped, 1 not handed over\n');
    expect(text).toContain(
      '- `api`: built, not handed over to push: registry-flake after 1 try: `Error: dial tcp: connection refused`\n',
    );
    expect(text).toContain(`- \`late\`: skipped: \`${LATE}\`\n`);
    const alone = journal(['api']).starts(0, 'api').makes(5, 'api').hands([5, 6], 'api', 'push', { verdict: REFUSED });
    const only = foldJournal(alone.arrives(6, 'api', REFUSED).over(6, 'failure').events);
    expect(renderSummary(only)).toContain('## Failure: 1 of 1 image not handed over\n');
    expect(stepError(only, 1)).toMatch(/^1 of 1 images were not handed over:\napi: built, not handed over to push/);
  });

  it('are in the tables of the summary, with time and bytes', () => {
    const text = renderSummary(report());
    expect(text).toContain('| `late` | skipped: needs "broken", which was not built (build-failed) | 0 | - | - | - |');
    expect(text).toContain('| `api` | not handed over: registry-flake | 1 | 10.0s |');
    expect(text).toContain(
      '### Hand-offs\n\n| Image | To | Result | Tries | Duration | Moved |\n| --- | --- | --- | ---: | ---: | ---: |\n' +
        '| `api` | `push` | registry-flake: Error: dial tcp: connection refused | 1 | 2.0s | - |\n' +
        '| `api` | `kind:e2e` | loaded into 2 nodes | 2 | 10.0s | 117.7 MiB |\n',
    );
    expect(text).toMatch(/\| `web` \| `push` \| pushed `sha256:fe[^|]*` \| 1 \| 3\.0s \| 22\.4 MiB \|/);
  });

  it('that failed are among the failed attempts, with command, evidence and the end of their output', () => {
    const text = renderSummary(report());
    const part = /<summary><code>api → push<\/code>, attempt 1 of 1: <code>registry-flake<\/code>[\s\S]*?<\/details>/;
    const [pushed = ''] = part.exec(text) ?? [];
    expect(pushed).toContain('- Hand-off: failed after 2.0s: Error: dial tcp: connection refused\n');
    expect(pushed).toContain('- Evidence: the registry did not answer\n');
    expect(pushed).toContain('- Command: `podman push api:e2e registry.example.com/api:e2e`\n');
    expect(pushed).toContain('pushing\nError: dial tcp: connection refused\n');
    expect(text).toContain('<summary><code>api → kind:e2e</code>, attempt 1 of 2: <code>engine-crash</code></summary>');
  });

  it('are told from builds in the triage', () => {
    const text = renderSummary(report());
    expect(text).toMatch(/overload \|[^|]*\| 2 builds were in flight; 1 hand-off ran beside 2 builds/);
    expect(text).toContain('\nBeing handed over: `api → kind:e2e`.\n');
    expect(text).toContain('- `api → kind:e2e`, attempt 1: `Error: server probably quit: unexpected EOF`\n');
    // A hand-off that is there at each death is no image to build alone.
    const run = journal(['api', 'web']).starts(0, 'api').makes(1, 'api');
    for (const incident of [1, 2])
      run.dies(incident * 10, incident, ['api → kind:e2e']).answers(incident * 10 + 1, incident);
    expect(renderSummary(foldJournal(run.events))).not.toContain('targets: api');
  });

  it('are bars of the timeline, and so is what was waited for', () => {
    const { tasks } = readGantt(renderTimeline(report()));
    const of = (section: string) => tasks.filter((task) => task.section === section).map(({ text }) => text);
    expect(of('api')).toEqual([
      'waits 20.0s for base',
      'attempt 1 built in 10.0s',
      'hand-off kind e2e engine-crash after 4.0s',
      'hand-off kind e2e done in 6.0s',
      'hand-off push registry-flake after 2.0s',
    ]);
  });

  it('are waited for: until what is needed is built, and then for a place', () => {
    const { images } = report();
    const waits = (name: string) =>
      waitsOf(images.find((image) => image.name === name) as (typeof images)[number], report()).map((wait) => [
        wait.from - START,
        wait.until - START,
        describeWait(wait),
      ]);
    expect(waits('broken').slice(0, 2)).toEqual([
      [0, 20_000, 'for base'],
      [20_000, 30_000, 'for its first attempt'],
    ]);
    expect(waits('late')).toEqual([[0, 44_000, 'for broken and 1 more: engine dead for 2.0s']]);
  });

  it('are in the data of report.html', () => {
    const { images } = reportData(report());
    expect(images[1]?.handOffs.map(({ to, from, until, outcome }) => [to, from, until, outcome])).toEqual([
      ['kind:e2e', 30_000, 34_000, 'engine-crash'],
      ['kind:e2e', 39_000, 45_000, 'success'],
      ['push', 45_000, 47_000, 'registry-flake'],
    ]);
    expect(images[1]).toMatchObject({
      outcome: 'registry-flake',
      note: expect.stringMatching(/^built, not handed over/),
    });
    expect(images[4]).toMatchObject({ outcome: 'skipped', note: LATE });
  });

  it('are in report.json, trace.json and the outputs', () => {
    const json = reportSchema.parse(JSON.parse(renderJson(report())));
    expect(json.images[4]).toMatchObject({ result: 'skipped', skipped: LATE, needs: ['broken', 'base'] });
    expect(json.images[1]?.handOffs).toHaveLength(3);
    const { traceEvents } = JSON.parse(renderTrace(report())) as { traceEvents: { name: string; dur?: number }[] };
    expect(traceEvents.find(({ name }) => name === 'web → push #1: success')).toMatchObject({ dur: 3_000_000 });
    const outputs = JSON.parse(outputsOf(report())['images'] ?? '') as Record<string, object>;
    expect(outputs['late']).toMatchObject({ id: null, attempts: 0, verdict: 'skipped' });
    expect(outputs['api']).toMatchObject({ id: expect.stringMatching(/^sha256:/), verdict: 'registry-flake' });
  });

  it('are in junit.xml: a skipped image is skipped, a failed hand-off an error', () => {
    const xml = renderJunit(report());
    expect(xml).toMatch(/<testsuites name="e2e-build-action" tests="5" failures="1" errors="1" skipped="1"/);
    expect(xml).toContain('<skipped message="skipped: needs &quot;broken&quot;, which was not built (build-failed)"/>');
    expect(xml).toMatch(/<error message="built, not handed over to push[^>]*>[^<]*pushing/);
    expect(xml).toContain('hand-off to kind:e2e, attempt 1: engine-crash after 4.0s');
  });

  it('are annotated where they are to blame: never for a skipped image, and at no file for a hand-off', () => {
    const annotations = annotationsOf(report());
    expect(annotations.map(({ title, file }) => [title, file])).toEqual([
      ['api', undefined],
      ['broken', 'broken/Containerfile'],
    ]);
    expect(stepError(report(), 2)).toMatch(
      /^2 of 5 images were not built, 1 skipped, 1 not handed over:\napi: .*\nbroken: .*\nlate: skipped: needs "broken", which/,
    );
  });

  it('of a run that is cut have no end, and are not called failed', () => {
    const run = journal(['api']).starts(0, 'api').makes(5, 'api');
    run.add({ type: 'hand-off-started', at: run.at(5), image: 'api', to: 'push', attempt: 1, log: 'l' });
    const text = renderSummary(foldJournal(run.samples(9).events));
    expect(text).toContain('## Interrupted: 1 of 1 image built, 1 not handed over\n');
    expect(text).toContain('| `api` | `push` | unfinished | 1 | 4.0s | - |');
  });

  it('are not broken by hostile names, places and texts', () => {
    const names = [...new Set(HOSTILE)];
    const run = journal([], { images: names.map((name) => ({ name, tags: [name], needs: names })) });
    for (const name of names) {
      const verdict = { ...CRASH, evidence: [name], line: name };
      run.starts(0, name).makes(1, name);
      run.hands([1, 2], name, name, { said: name, digest: name, command: name, tail: names.join('\n'), verdict });
      run.hands([2, 3], name, name, { attempt: 2, said: name, digest: name }).skips(3, name, name);
    }
    const hostile = foldJournal(
      run
        .dies(
          3,
          1,
          names.map((name) => `${name} → ${name}`),
        )
        .over(3, 'failure').events,
    );
    const text = renderSummary(hostile);
    const outsideCode = text
      .replace(/^(`{3,})[^\n]*\n[\s\S]*?\n\1$/gm, '')
      .replace(/(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, '')
      .replace(/<summary><code>[^<\n]*<\/code>([^<\n]*)<code>[^<\n]*<\/code><\/summary>/g, '$1')
      .replace(/\\[!-/:-@[-`{-~]/g, '')
      .replace(/<\/?details>/g, '');
    expect(outsideCode).not.toMatch(/<\w|<\/|\]\(|:\/\/|(?<!\w)@\w/);
    for (const row of text.match(/^\| .* \|$/gm) ?? []) {
      expect([2, 3, 4, 5, 6, 8]).toContain(row.replace(/\\\|/g, '').split('|').length - 2);
    }
    readGantt(renderTimeline(hostile));
    expect(renderJunit(hostile)).not.toMatch(/<script|<img/);
    expect(() => JSON.parse(renderTrace(hostile))).not.toThrow();
  });
});
