import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { foldJournal } from '../../src/journal/fold.js';
import { reportData } from '../../src/report/html/data.js';
import { renderHtml } from '../../src/report/html/html.js';
import { logLink } from '../../src/report/html/log-link.js';
import { scriptJson } from '../../src/report/html/script-json.js';
import { busyRun } from '../support/busy-run.js';
import { HOSTILE } from '../support/hostile-text.js';
import { BROKEN, CRASH, crashedRun, healthyRun, journal, START } from '../support/journal-factory.js';

type Run = { events: Parameters<typeof foldJournal>[0] };
const html = (run: Run) => renderHtml(foldJournal(run.events));
const dataOf = (run: Run) => reportData(foldJournal(run.events));

function parts(page: string) {
  const find = (pattern: RegExp) => pattern.exec(page)?.[1] ?? '';
  return {
    policy: find(/<meta http-equiv="Content-Security-Policy" content="([^"]*)">/),
    style: find(/<style>([\s\S]*?)<\/style>/),
    json: find(/<script type="application\/json" id="report-data">([\s\S]*?)<\/script>/),
    script: find(/<script>([\s\S]*?)<\/script>/),
  };
}

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

describe('report.html', () => {
  it('may run the script and the style that it holds, and nothing else', () => {
    const { policy, style, script } = parts(html(crashedRun()));
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      `script-src ${hash(script)}`,
      `style-src ${hash(style)}`,
      "base-uri 'none'",
      "form-action 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ]);
  });

  it('refers to nothing outside itself', () => {
    const page = html(healthyRun());
    const { style, script } = parts(page);
    expect(page.replace(script, '').replace(style, '')).not.toMatch(/\s(?:src|srcset|action)=|<link|<iframe|<img/i);
    expect(style).not.toMatch(/url\(|@import/i);
    expect(script).not.toMatch(
      /\bfetch\(|XMLHttpRequest|WebSocket|EventSource|sendBeacon|\bimport\(|innerHTML|\beval\(/,
    );
  });

  it('carries the licence of the chart library', () => {
    expect(html(healthyRun())).toMatch(/uPlot 1\.[\s\S]*Permission is hereby granted, free of charge/);
  });

  it('holds the same data as was rendered, and no character of it that ends the block', () => {
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
    const { json } = parts(html(run.over(1, 'failure')));
    expect(json).not.toMatch(/[<>&\u2028\u2029]/);
    expect(JSON.parse(json)).toEqual(dataOf(run));
  });

  it('has the same shell around any data', () => {
    const shell = (page: string) => page.replace(parts(page).json, '');
    const name = '</script><script>alert(1)</script>';
    expect(shell(html(journal([name]).starts(0, name)))).toBe(shell(html(healthyRun())));
  });

  it('keeps tails of logs within bounds, and says where one is missing', () => {
    const names = Array.from({ length: 400 }, (_, index) => `image-${index}`);
    const run = journal(names);
    for (const name of names) run.starts(0, name).fails(1, name, CRASH, { tail: `${'x'.repeat(200)}\n`.repeat(400) });
    const attempts = dataOf(run).images.flatMap((image) => image.attempts);
    expect(attempts[0]?.tail?.length).toBeGreaterThan(20_000);
    expect(attempts.at(-1)).toMatchObject({ tailLeftOut: true });
    expect(html(run).length).toBeLessThan(8_000_000);
  });

  it('renders every prefix of a journal', () => {
    const { events } = busyRun({ images: 8, lane: 3, seconds: 40, incidents: 2 });
    fc.assert(
      fc.property(fc.nat(), (cut) => {
        html({ events: events.slice(0, 1 + (cut % events.length)) });
      }),
      { numRuns: 30 },
    );
  });
});

describe('the data of report.html', () => {
  it('has times since the start, and what is waited for', () => {
    const data = dataOf(crashedRun());
    expect(data).toMatchObject({ title: 'Success: 3 images built', durationMs: 50_000, widestLane: 3 });
    expect(data.images[1]?.attempts.map(({ from, until, outcome }) => [from, until, outcome])).toEqual([
      [6_000, 20_100, 'engine-crash'],
      [25_000, 50_000, 'success'],
    ]);
    expect(data.images[1]?.waits.map(({ why }) => why)).toEqual([
      'for its first attempt',
      'after attempt 1: engine dead for 2.2s, backoff of 5.0s',
    ]);
    expect(data.incidents).toMatchObject([
      {
        number: 1,
        from: 20_000,
        until: 22_300,
        ending: 'The engine answered again 2.3s later.',
        inFlight: ['api', 'web'],
      },
    ]);
    expect(data.lanes.map(({ from, until, lane }) => [from, until, lane])).toEqual([
      [0, 20_000, 3],
      [20_000, 50_000, 2],
    ]);
  });

  it('has a chart for each figure that was sampled, and none for others', () => {
    const titles = (run: Run) => dataOf(run).charts.map(({ title }) => title);
    expect(titles(journal([]))).toEqual(['Running attempts']);
    expect(titles(healthyRun())).toEqual(['Running attempts', 'Host CPU', 'Host memory', 'Free disk']);
    expect(titles(busyRun({ images: 3, lane: 2, seconds: 20, incidents: 0 }))).toEqual([
      'Running attempts',
      'Host CPU',
      'Host memory',
      'Host pressure',
      'Free disk',
      'Engine CPU',
      'Engine memory',
      'Engine files',
      "Attempts' CPU",
      "Attempts' memory",
    ]);
  });

  it('leaves a gap where a sample lacks a figure', () => {
    const run = journal([])
      .add({ type: 'sample', at: START, host: { cpuPercent: 12.345 } })
      .add({ type: 'sample', at: START + 1_000, host: {} });
    expect(dataOf(run).charts[1]?.series).toEqual([{ name: 'busy', values: [12.3, null] }]);
  });

  it("prefers the kernel's figures of what an attempt used", () => {
    const usage = { userMs: 1_000, systemMs: 1_000, kernel: { userMs: 2_000, messagesSent: 7 } };
    const run = journal(['api']).starts(0, 'api').fails(1, 'api', BROKEN, { usage });
    expect(dataOf(run).images[0]?.attempts[0]?.usage).toEqual([
      { name: 'User CPU', value: '2.0s' },
      { name: 'System CPU', value: '1.0s' },
      { name: 'Messages sent', value: '7' },
    ]);
  });
});

describe('a link to a log', () => {
  it.each([
    ['logs/1-api.1.log', './logs/1-api.1.log'],
    ['logs/a b#c?d.log', './logs/a%20b%23c%3Fd.log'],
    ['javascript:alert(1)', './javascript%3Aalert(1)'],
    ['half \ud800', './half%20%EF%BF%BD'],
    ['../../etc/passwd', undefined],
    ['logs/../../x', undefined],
    ['/etc/passwd', undefined],
    ['//evil.example/x', undefined],
    ['', undefined],
  ])('of %j is %j', (log, link) => {
    expect(logLink(log)).toBe(link);
  });
});

describe('JSON in a script', () => {
  it('means the same, and has nothing that ends the script', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom('</script>', '<!--', ']]>', '&lt;', '\u2028'), (json, text) => {
        const value = { json: JSON.parse(json) as unknown, text };
        expect(scriptJson(value)).not.toMatch(/[<>&\u2028\u2029]/);
        expect(JSON.parse(scriptJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
