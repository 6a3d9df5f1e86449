import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { foldJournal } from '../../src/journal/fold.js';
import { renderHtml } from '../../src/report/html/html.js';

type Run = { events: Parameters<typeof foldJournal>[0] };

/** Where systems keep a Chromium; `CHROMIUM` names another. */
const PLACES = [
  process.env['CHROMIUM'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
export const CHROMIUM = PLACES.find((place) => place !== '' && existsSync(place));

/** A report in a browser, with all that went wrong in it. */
export interface ReportPage {
  page: Page;
  /** Errors, refusals of the page's policy, dialogs, and requests for anything but the page. */
  trouble: string[];
  /** Milliseconds from the navigation until everything was drawn. */
  loadedMs: number;
}

/** A browser that opens reports, each in a fresh page. */
export async function startBrowser() {
  const folder = mkdtempSync(join(tmpdir(), 'report-page-'));
  // Tests run as root in containers, where Chromium's sandbox cannot.
  const browser: Browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
  let count = 0;
  return {
    async open(run: Run, options: { dark?: boolean; width?: number; height?: number } = {}): Promise<ReportPage> {
      const path = join(folder, `report-${++count}.html`);
      writeFileSync(path, renderHtml(foldJournal(run.events)));
      const page = await browser.newPage({
        viewport: { width: options.width ?? 1_280, height: options.height ?? 900 },
        colorScheme: options.dark ? 'dark' : 'light',
      });
      const trouble: string[] = [];
      page.on('console', (message) => trouble.push(`${message.type()}: ${message.text()}`));
      page.on('pageerror', (error) => trouble.push(`error: ${error.message}`));
      page.on('dialog', (dialog) => {
        trouble.push(`dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      page.on('request', (request) => {
        if (request.url() !== pathToFileURL(path).href) trouble.push(`request: ${request.url()}`);
      });
      await page.addInitScript(
        "document.addEventListener('securitypolicyviolation', (e) => console.error('policy: ' + e.violatedDirective + ' ' + e.blockedURI))",
      );
      const began = performance.now();
      await page.goto(pathToFileURL(path).href);
      await page.locator('html[data-ready]').waitFor();
      await frame(page);
      return { page, trouble, loadedMs: performance.now() - began };
    },
    async close() {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until what was asked to be drawn is drawn. */
export async function frame(page: Page): Promise<void> {
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
}

/** The span that the page says it shows, as `0:00.0 to 2:00.0 (2m 00s)`. */
export async function spanOf(page: Page): Promise<string> {
  await frame(page);
  return (await page.locator('#span').textContent()) ?? '';
}

/** The colour of a pixel of a canvas, as red, green and blue; x and y in CSS pixels. */
export async function colourAt(page: Page, canvas: string, x: number, y: number): Promise<number[]> {
  await frame(page);
  return page.evaluate(
    `(() => { const c = document.querySelector(${JSON.stringify(canvas)}); const r = c.width / c.clientWidth;
    return [...c.getContext('2d').getImageData(Math.round(${x} * r), Math.round(${y} * r), 1, 1).data].slice(0, 3); })()`,
  );
}
