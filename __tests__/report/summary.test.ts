import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { foldJournal } from '../../src/journal/fold.js';
import { renderSummary, SUMMARY_LIMIT_BYTES } from '../../src/report/summary.js';
import { readGantt } from '../support/gantt-grammar.js';
import { HOSTILE } from '../support/hostile-text.js';
import { BROKEN, CRASH, crashedRun, healthyRun, journal, lostRun } from '../support/journal-factory.js';

const summary = (run: { events: Parameters<typeof foldJournal>[0] }) => renderSummary(foldJournal(run.events));

function expectWithinLimit(text: string): void {
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(SUMMARY_LIMIT_BYTES);
}

describe('the summary', () => {
  it('of a healthy run gives the numbers that matter', () => {
    const text = summary(healthyRun());
    expect(text).toContain('## Success: 3 images built\n');
    expect(text).toContain('0 incidents · 0 retries · lane at the end: 2 (parallel) · 1m 03s · podman 4.3.1');
    expect(text).toContain('| `api` | success | 1 | 39.5s | `0123456789ab` | 117.7 MiB |');
    expect(text).toContain('| CPU, peak | 90% |');
    expect(text).toContain('| CPU, mean | 70% |');
    expect(text).toContain('| Memory available, least | 1.0 GiB |');
    expect(text).toContain('| `web` | 1 | 9.5s | 5.8s | 1.5s | 127.8 MiB | 1,077 | 97,154 |');
    expect(text).not.toMatch(/### (?:Incidents|Failed attempts|Warnings)/);
  });

  it('of a crash tells when, how we know, what was in flight and when the engine answered again', () => {
    const text = summary(crashedRun());
    expect(text).toContain('## Success: 3 images built\n');
    expect(text).toContain('#### Incident 1: the engine died 20.0s after the start\n');
    expect(text).toContain('What died: podman 4.3.1 at `unix:///run/podman.sock`, at 2026-01-15T12:00:20.000Z.\n');
    expect(text).toContain('- the server ended while it was building\n');
    expect(text).toContain('- `api`, attempt 1: exit code 125: `Error: server probably quit: unexpected EOF`\n');
    expect(text).toMatch(/\| `web` \| before its first step \| 1 \| 14\.0s \|/);
    expect(text).toMatch(/\| overload \| \w+ \| 2 builds were in flight \|/);
    expect(text).toContain('- The lane went to 2 (reduced).\n');
    expect(text).toMatch(/### Advice[\s\S]*Upgrade podman/);
    expect(text).toContain('The engine answered again 2.3s later.');
    expect(text).toContain('<summary><code>web</code>, attempt 1 of 2: <code>engine-crash</code></summary>');
  });

  it('of a failure names the images with their verdicts and last error lines', () => {
    const text = summary(lostRun());
    expect(text).toContain('## Failure: 2 of 2 images not built\n');
    expect(text).toContain('- `api`: engine-crash after 2 attempts: `Error: server probably quit: unexpected EOF`\n');
    expect(text).toContain('The engine did not answer within 2m 00s; it said: `dial unix: connection refused`');
  });

  it('shows the images that failed for good before those that a retry saved', () => {
    const run = journal(['saved', 'lost'])
      .starts(0, 'saved')
      .fails(1, 'saved', CRASH)
      .starts(2, 'saved')
      .builds(3, 'saved')
      .starts(3, 'lost')
      .fails(4, 'lost', BROKEN)
      .givesUp(4, 'lost', BROKEN)
      .over(4, 'failure');
    const text = summary(run);
    const folded = [...text.matchAll(/<summary><code>(\w+)<\/code>/g)].map((match) => match[1]);
    expect(folded).toEqual(['lost', 'saved']);
    expect(text).toMatch(/\| `lost` \| build-failed .*\n\| `saved` \| success /);
  });

  it('of an interrupted run says so, and what had happened', () => {
    const text = summary(
      journal(['api', 'web']).starts(1, 'api').builds(5, 'api').starts(5, 'web').dies(9, 1, ['web']),
    );
    expect(text).toContain('## Interrupted: 1 of 2 images built\n');
    expect(text).toContain('This is what had happened by 2026-01-15T12:00:09.000Z.');
    expect(text).toContain('| `web` | unfinished | 1 | 4.0s | - | - |');
    expect(text).toContain('Whether the engine answered again is not known');
  });

  it('of a cancelled run tells what was not begun', () => {
    const cancelled = { class: 'cancelled' as const, evidence: ['the run was cancelled (SIGINT)'] };
    const run = journal(['api']).givesUp(1, 'api', cancelled, 'cancelled').over(1, 'cancelled');
    expect(summary(run)).toContain('## Cancelled: 0 of 1 image built\n');
    expect(summary(run)).toContain('- `api`: cancelled without an attempt: `the run was cancelled (SIGINT)`\n');
  });

  it('says of figures that could not be had that they are not available', () => {
    const run = journal(['api']).starts(0, 'api').ends(1, 'api', { usage: {} }).over(1, 'failure');
    expect(summary(run)).toContain('| CPU, peak | not available |');
    expect(summary(run)).toContain('| `api` | 1 | 1.0s | not available | not available | not available |');
  });

  it('holds a diagram that mermaid can read', () => {
    const diagram = /```mermaid\n([^`]*)```/.exec(summary(crashedRun()))?.[1] ?? '';
    expect(readGantt(diagram).tasks).toHaveLength(13);
  });

  it('renders every prefix of a journal', () => {
    const runs = [healthyRun(), crashedRun(), lostRun()].map((run) => run.events);
    fc.assert(
      fc.property(fc.constantFrom(...runs), fc.nat(), (events, cut) => {
        expectWithinLimit(summary({ events: events.slice(0, 1 + (cut % events.length)) }));
      }),
    );
  });

  it('of 1,000 images is within the limit, and says what it left out', () => {
    const names = Array.from({ length: 1_000 }, (_, index) => `image-${index}`);
    const run = journal(names);
    const tail = `${'😀 a long line of output '.repeat(20)}\n`.repeat(100);
    names.forEach((name, index) => {
      run
        .starts(index, name)
        .fails(index + 1, name, CRASH, { tail })
        .starts(index + 1, name);
      run
        .fails(index + 2, name, CRASH, { tail })
        .givesUp(index + 2, name, CRASH)
        .samples(index);
    });
    const text = summary(run.over(1_002, 'failure'));
    expectWithinLimit(text);
    expect(text).toContain('- and 980 more, in the table of images\n');
    expect(text).toContain('| `image-999` |');
    expect(text).toMatch(/[\d,]+ failed attempts left out for lack of space/);
  });

  it('is within the limit for 10,000 images and texts of any length', () => {
    const long = '😀|`'.repeat(5_000);
    const names = Array.from({ length: 10_000 }, (_, index) => `${index} ${'😀|`'.repeat(40)}`);
    const run = journal(names, { folder: `/${long}` });
    for (const name of names.slice(0, 3_000)) {
      run.starts(1, name).fails(2, name, { class: 'build-failed', evidence: Array(50).fill(long), line: long });
    }
    for (let incident = 1; incident < 200; incident += 1) {
      run.add({ type: 'warning', at: run.at(3), message: long });
      run.add({ type: 'incident-opened', at: run.at(3), incident, evidence: Array(50).fill(long), inFlight: names });
    }
    const text = summary(run);
    expectWithinLimit(text);
    for (const what of ['images', 'attempts', 'incidents', 'warnings', 'failed attempts']) {
      expect(text).toMatch(new RegExp(`[\\d,]+ ${what} left out for lack of space`));
    }
  });

  it('is not broken by hostile names, lines and tails', () => {
    const names = [...new Set(HOSTILE)];
    const run = journal(names);
    for (const name of names) {
      const verdict = { class: 'build-failed' as const, evidence: [name], line: name };
      run
        .starts(0, name)
        .fails(1, name, verdict, { tail: HOSTILE.join('\n') })
        .givesUp(1, name, verdict);
      run.add({ type: 'warning', at: run.at(1), message: name });
    }
    const text = summary(run.dies(1, 1, names).answers(2, 1, false).over(2, 'failure'));
    const outsideCode = text
      .replace(/^(`{3,})[^\n]*\n[\s\S]*?\n\1$/gm, '')
      .replace(/(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, '')
      .replace(/<summary><code>[^<\n]*<\/code>([^<\n]*)<code>[^<\n]*<\/code><\/summary>/g, '$1')
      .replace(/\\[!-/:-@[-`{-~]/g, '')
      .replace(/<\/?details>/g, '');
    expect(outsideCode).not.toMatch(/<\w|<\/|\]\(|:\/\/|(?<!\w)@\w/);
    for (const row of text.match(/^\| .* \|$/gm) ?? []) {
      const cells = row.replace(/\\\|/g, '').split('|').length - 2;
      expect([2, 3, 4, 5, 6, 8]).toContain(cells);
    }
    expect(text.match(/<details>/g)).toHaveLength(names.length);
  });
});
