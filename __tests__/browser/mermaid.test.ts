import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { JournalEvent } from '../../src/journal/events.js';
import { foldJournal } from '../../src/journal/fold.js';
import { parseJournal } from '../../src/journal/lines.js';
import { renderSummary } from '../../src/report/summary.js';
import { HOSTILE } from '../support/hostile-text.js';
import { BROKEN, CRASH, journal, SAMPLE } from '../support/journal-factory.js';
import { CHROMIUM } from './report-page.js';

/** Names that mean something to mermaid, to HTML, or to the eye; beside those that are hostile to every report. */
const NAMES = [
  ...HOSTILE,
  'quoted "name"',
  "single 'quotes'",
  'a:b:c',
  'semi;colon',
  '# comment',
  '%% comment',
  'section evil',
  'click a call alert(1)',
  'title x',
  '🚀 émoji 名前',
  '\u202eright-to-left',
  'שלום עולם',
  'x'.repeat(300),
  '<img src=x onerror=alert(1)>',
];

let browser: Browser;
let page: Page;
const dialogs: string[] = [];
beforeAll(async () => {
  if (CHROMIUM === undefined) return;
  browser = await chromium.launch({
    executablePath: CHROMIUM as string,
    args: ['--no-sandbox'],
  });
  page = await browser.newPage();
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  await page.setContent('<!doctype html><title>mermaid</title><main></main>');
  await page.addScriptTag({ content: readFileSync('node_modules/mermaid/dist/mermaid.min.js', 'utf8') });
});
afterAll(() => browser?.close());

/** Renders each diagram of a run's summary by the real library; resolves with the text that each shows. */
async function render(events: JournalEvent[]): Promise<string[]> {
  const summary = renderSummary(foldJournal(events));
  const diagrams = [...summary.matchAll(/^```mermaid\n([\s\S]*?)\n```$/gm)].map((match) => match[1] as string);
  expect(diagrams.length).toBeGreaterThan(0);
  return page.evaluate(async (texts) => {
    // The page's own globals, of which Node's types know nothing.
    const { mermaid, document } = globalThis as unknown as {
      mermaid: { render(id: string, text: string): Promise<{ svg: string }> };
      document: { querySelector(name: string): { innerHTML: string; textContent: string | null } };
    };
    const shown: string[] = [];
    for (const [index, text] of texts.entries()) {
      const { svg } = await mermaid.render(`diagram-${index}`, text);
      const main = document.querySelector('main');
      main.innerHTML = svg;
      shown.push(main.textContent ?? '');
    }
    return shown;
  }, diagrams);
}

if (CHROMIUM === undefined)
  process.stderr.write('skipped: there is no Chromium here; install one, or name it in CHROMIUM\n');
const described = CHROMIUM === undefined ? describe.skip : describe;

described('the diagrams of the summary, by mermaid itself', () => {
  it('draw the recorded crash: a timeline and charts', async () => {
    const { events } = parseJournal(readFileSync('examples/crash.ndjson', 'utf8'));
    const [timeline, ...charts] = await render(events);
    expect(timeline).toMatch(/attempt 1 engine-crash after 4\.4s/);
    expect(timeline).toMatch(/incident 2/);
    expect(charts).toHaveLength(5);
    expect(charts[0]).toContain('CPU of the host');
    expect(charts[4]).toContain('Builds in flight');
  });

  it.each(NAMES)('draw an image named %j, and nothing of it is executed', async (name) => {
    const run = journal([name, 'beside']).starts(1, name).starts(1, 'beside');
    run.add({ type: 'step-started', at: run.at(2), image: name, attempt: 1, step: '1/2', text: name });
    run.samples(2).samples(3).samples(4).dies(5, 1, [name]).fails(5, name, CRASH, { incident: 1 }).answers(6, 1);
    run.starts(7, name).fails(8, name, BROKEN).givesUp(8, name, BROKEN).builds(9, 'beside').samples(9);
    run.hands([9, 10], 'beside', name);
    const [timeline] = await render(run.over(10, 'failure').events);
    expect(timeline).toContain('attempt 1 engine-crash after 4.0s');
    expect(timeline).toContain('attempt 1 built in 8.0s');
    expect(timeline).toMatch(/hand-off .*done in 1\.0s/);
    expect(timeline).not.toMatch(/Syntax error/i);
    expect(dialogs).toEqual([]);
  });

  it('draw 500 images', async () => {
    const names = Array.from({ length: 500 }, (_, index) => `image-${index}`);
    const run = journal(names);
    for (const [index, name] of names.entries())
      run
        .starts(index, name)
        .samples(index, SAMPLE)
        .builds(index + 2, name);
    const [timeline] = await render(run.over(510, 'success').events);
    expect(timeline).toMatch(/60 of 500 images/);
  });
});
