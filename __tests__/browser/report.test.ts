import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { busyRun } from '../support/busy-run.js';
import { HOSTILE } from '../support/hostile-text.js';
import { crashedRun, handedOverRun, healthyRun, journal, lostRun } from '../support/journal-factory.js';
import { CHROMIUM, colourAt, frame, spanOf, startBrowser } from './report-page.js';

const AXE = readFileSync('node_modules/axe-core/axe.min.js', 'utf8');
const MOST_LOAD_MS = 2_000;

/** Two minutes of three images, with an incident. */
const small = () => busyRun({ images: 3, lane: 2, seconds: 120, incidents: 1 });
/** An hour of a thousand. */
const large = () => busyRun({ images: 1_000, lane: 8, seconds: 3_600, incidents: 3 });

if (CHROMIUM === undefined)
  process.stderr.write('skipped: there is no Chromium here; install one, or name it in CHROMIUM\n');
const described = CHROMIUM === undefined ? describe.skip : describe;

described('report.html in a browser', () => {
  let browser: Awaited<ReturnType<typeof startBrowser>>;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  it.each([
    ['of a healthy run', healthyRun()],
    ['of a run with a crash', crashedRun()],
    ['of a lost run', lostRun()],
    ['of a run that ended at once', journal([])],
    ['of an interrupted run', journal(['api', 'web']).starts(1, 'api').samples(2)],
    ['with all charts', small()],
  ])('%s loads without an error, a refusal or a request', async (_, run) => {
    const { page, trouble } = await browser.open(run);
    expect(await page.locator('h1').textContent()).toMatch(/images? /);
    expect(trouble).toEqual([]);
    await page.close();
  });

  it('says what came of the run, in its title, its facts and its table', async () => {
    const { page } = await browser.open(crashedRun());
    expect(await page.title()).toBe('Success: 3 images built - build report');
    expect(await page.locator('#facts').textContent()).toContain('Incidents1');
    const rows = await page.locator('#images tbody tr').allTextContents();
    expect(rows).toHaveLength(5);
    expect(rows[0]).toContain('api1↯ engine-crash0:05.015.0s5.0s5.8s / 1.5s127.8 MiB');
    await page.close();
  });

  describe('zooms', () => {
    let page: Page;
    beforeAll(async () => {
      ({ page } = await browser.open(small()));
    });
    afterAll(() => page.close());

    it('by its buttons', async () => {
      expect(await spanOf(page)).toBe('0:00.0 to 2:00.0 (2m 00s)');
      await page.getByRole('button', { name: 'Zoom in' }).click();
      expect(await spanOf(page)).toBe('0:30.0 to 1:30.0 (1m 00s)');
      await page.getByRole('button', { name: 'Later' }).click();
      expect(await spanOf(page)).toBe('0:45.0 to 1:45.0 (1m 00s)');
      await page.getByRole('button', { name: 'Earlier' }).click();
      await page.getByRole('button', { name: 'Zoom out' }).click();
      expect(await spanOf(page)).toBe('0:00.0 to 2:00.0 (2m 00s)');
    });

    it('by keys, never beyond the run', async () => {
      await page.locator('#timeline').focus();
      await page.keyboard.press('+');
      await page.keyboard.press('+');
      expect(await spanOf(page)).toBe('0:45.0 to 1:15.0 (30.0s)');
      for (let press = 0; press < 20; press += 1) await page.keyboard.press('ArrowRight');
      expect(await spanOf(page)).toBe('1:30.0 to 2:00.0 (30.0s)');
      await page.keyboard.press('0');
      expect(await spanOf(page)).toBe('0:00.0 to 2:00.0 (2m 00s)');
      await page.keyboard.press('-');
      expect(await spanOf(page)).toBe('0:00.0 to 2:00.0 (2m 00s)');
    });

    it('by dragging, over the timeline and over a chart alike', async () => {
      for (const selector of ['#timeline-frame', '.chart .u-over']) {
        const box = await page.locator(selector).nth(0).boundingBox();
        if (box === null) throw new Error('not in sight');
        await page.mouse.move(box.x + box.width * 0.5, box.y + 40);
        await page.mouse.down();
        await page.mouse.move(box.x + box.width * 0.6, box.y + 45, { steps: 5 });
        await page.mouse.move(box.x + box.width * 0.7, box.y + 45, { steps: 5 });
        await page.mouse.up();
        const [, length] = /\((\d+\.\d)s\)/.exec(await spanOf(page)) ?? [];
        expect(Number(length)).toBeGreaterThan(20);
        expect(Number(length)).toBeLessThan(40);
        await page.getByRole('button', { name: 'Whole run' }).click();
      }
    });

    it('with the wheel and Ctrl, about the pointer', async () => {
      await page.locator('#timeline-frame').hover({ position: { x: 900, y: 80 } });
      await page.keyboard.down('Control');
      await page.mouse.wheel(0, -240);
      await page.keyboard.up('Control');
      expect(await spanOf(page)).toContain('(1m 00s)');
      await page.locator('#timeline-frame').dblclick({ position: { x: 900, y: 40 } });
      expect(await spanOf(page)).toContain('(2m 00s)');
    });
  });

  it('filters the timeline and the table by name and by outcome, and orders them', async () => {
    const { page, trouble } = await browser.open(large());
    const names = () => page.locator('#images tbody th').allTextContents();
    expect((await names())[0]).toBe('service-0006');
    await page.getByLabel('Image', { exact: true }).fill('SERVICE-09');
    await page.locator('#images-count', { hasText: /^100 of 1,000 images$/ }).waitFor();
    await page.getByLabel('Outcome').selectOption('without success');
    await page.locator('#images-count', { hasText: /^1 of 1,000 images$/ }).waitFor();
    expect(await names()).toEqual(['service-0976']);
    expect(await page.evaluate("document.querySelector('#timeline-space').offsetHeight")).toBe(26);
    await page.getByLabel('Image', { exact: true }).fill('');
    await page.getByLabel('Outcome').selectOption('in an incident');
    await page.getByLabel('Order').selectOption('by name');
    await page.locator('#images-count', { hasText: /^14 of 1,000 images$/ }).waitFor();
    expect(await names()).toEqual([...(await names())].sort());
    expect(trouble).toEqual([]);
    await page.close();
  });

  it('shows an incident: its line through the timeline and every chart, its evidence, and its place in time', async () => {
    const { page } = await browser.open(small());
    const red = [207, 34, 46];
    const place = (await page.evaluate(
      `(() => { const over = document.querySelector('.u-over').getBoundingClientRect();
      const frame = document.querySelector('#timeline-head').getBoundingClientRect();
      return { left: over.left - frame.left, width: over.width }; })()`,
    )) as { left: number; width: number };
    const x = place.left + (place.width * 48) / 120;
    expect(await colourAt(page, '#timeline-rows', x, 3)).toEqual(red);
    expect(await colourAt(page, '#timeline-head', x, 60)).toEqual(red);
    for (const [index] of (await page.locator('.chart').all()).entries()) {
      await page.evaluate(`document.querySelectorAll('.chart canvas')[${index}].id = 'chart-canvas-${index}'`);
      const inChart = 64 + (place.width * 48) / 120;
      expect(await colourAt(page, `#chart-canvas-${index}`, inChart, 40)).toEqual(red);
    }
    await page.getByRole('button', { name: 'Show incident 1 in the timeline' }).click();
    expect(await spanOf(page)).toBe('0:42.0 to 1:00.0 (18.0s)');
    expect(await page.locator('#incidents').textContent()).toContain(
      'Evidence: the server ended while it was building',
    );
    expect(await page.evaluate('document.activeElement.id')).toBe('timeline');
    await page.close();
  });

  it('tells at the pointer what is there, in the timeline and in the charts', async () => {
    const { page } = await browser.open(small());
    await page.locator('#timeline-frame').hover({ position: { x: 400, y: 90 } });
    expect(await page.locator('#tooltip').textContent()).toMatch(/^service-0001, attempt 1success after .*Step \d\/6/);
    const values = await page.locator('.chart .value').allTextContents();
    expect(values[1]).toMatch(/^\d+%$/);
    await page
      .locator('.chart .u-over')
      .nth(2)
      .hover({ position: { x: 300, y: 40 } });
    await frame(page);
    expect(await page.locator('#timeline-cursor').isVisible()).toBe(true);
    expect(await page.locator('#tooltip').isVisible()).toBe(false);
    await page.mouse.move(5, 5);
    expect((await page.locator('.chart .value').allTextContents())[1]).toMatch(/^peak/);
    await page.close();
  });

  it('shows an attempt with its evidence, steps and log, by pointer and by keys, and gives the focus back', async () => {
    const { page } = await browser.open(small());
    const details = page.getByRole('complementary', { name: 'Details' });
    await page.getByRole('button', { name: 'Details of service-0003, attempt 1' }).click();
    expect(await details.textContent()).toContain('engine-crash: exit code 125');
    expect(await details.locator('pre').textContent()).toContain('server probably quit: unexpected EOF');
    expect(await details.getByRole('link').getAttribute('href')).toBe('./logs/service-0003-1.log');
    expect(await details.locator('.steps tbody tr').count()).toBeGreaterThan(1);
    await details.getByRole('button', { name: 'Attempt 2: success' }).click();
    expect(await details.textContent()).toContain('success: exit code 0');
    await page.keyboard.press('Escape');
    expect(await details.isVisible()).toBe(false);
    expect(await page.evaluate('document.activeElement.getAttribute("aria-label")')).toBe(
      'Details of service-0003, attempt 1',
    );

    await page.locator('#timeline').focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', ' ', 'ArrowDown']) await page.keyboard.press(key);
    expect(await page.locator('#status').textContent()).toMatch(/^service-0003, attempt 1\. engine-crash after/);
    await page.keyboard.press('Enter');
    expect(await details.locator('h2').textContent()).toBe('service-0003');
    await page.getByRole('button', { name: 'Close' }).click();

    await page.locator('#timeline-frame').click({ position: { x: 400, y: 90 } });
    expect(await details.locator('h2').textContent()).toBe('service-0001');
    await page.close();
  });

  it('shows where images went, and why one was skipped: in the table, the details and the timeline', async () => {
    const { page, trouble } = await browser.open(handedOverRun());
    const details = page.getByRole('complementary', { name: 'Details' });
    const table = page.locator('#images');
    expect(await table.textContent()).toMatch(/late.*↷ skipped.*needs "broken", which was not built \(build-failed\)/);
    await table.getByRole('button', { name: 'Details of api to push, attempt 1' }).click();
    expect(await details.locator('h2').textContent()).toBe('api → push');
    expect(await details.textContent()).toContain('registry-flake: Error: dial tcp: connection refused');
    expect(await details.textContent()).toContain('podman push api:e2e registry.example.com/api:e2e');
    expect(await details.locator('pre').textContent()).toContain('pushing');
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Details of web, attempt 1' }).click();
    expect(await details.textContent()).toContain('20.0s for base');
    await page.getByRole('button', { name: 'Close' }).click();

    // The row of "api", in the middle of its second hand-off to kind.
    const box = await page.locator('#timeline').boundingBox();
    const gutter = Math.round(Math.min(250, Math.max(210, (box?.width ?? 0) * 0.22)));
    const x = gutter + (((box?.width ?? 0) - gutter - 16) * 42) / 58;
    const top = (await page.locator('#timeline-rows').boundingBox())?.y ?? 0;
    const frameTop = (await page.locator('#timeline-frame').boundingBox())?.y ?? 0;
    const row = { x, y: top - frameTop + 26 + 13 };
    await page.locator('#timeline-frame').hover({ position: row });
    expect(await page.locator('#tooltip').textContent()).toMatch(/^api → kind:e2e, attempt 2success after 6\.0s/);
    await page.locator('#timeline-frame').click({ position: row });
    expect(await details.locator('h2').textContent()).toBe('api → kind:e2e');
    expect(trouble).toEqual([]);
    await page.close();
  });

  it('reaches everything with the Tab key', async () => {
    const { page } = await browser.open(small());
    const wanted = (await page.evaluate(
      "[...document.querySelectorAll('a[href], button, input, select, [tabindex]')].filter((e) => e.checkVisibility()).length",
    )) as number;
    const reached = new Set<string>();
    for (let press = 0; press < wanted; press += 1) {
      await page.keyboard.press('Tab');
      reached.add(
        (await page.evaluate(
          "(() => { const e = document.activeElement; return [...document.querySelectorAll('*')].indexOf(e) + e.tagName; })()",
        )) as string,
      );
    }
    expect(reached.size).toBe(wanted);
    await page.close();
  });

  it.each([
    ['light', false],
    ['dark', true],
  ])('has no violation that axe finds, with details and without, when it is %s', async (_, dark) => {
    const { page } = await browser.open(small(), { dark });
    // The page's policy lets no script in; the test's own comes in beside it.
    const violations = async () => {
      await page.evaluate(`if (!window.axe) { ${AXE} }`);
      const found = (await page.evaluate('axe.run()')) as { violations: { id: string; nodes: { html: string }[] }[] };
      return found.violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)].join(' '));
    };
    expect(await violations()).toEqual([]);
    await page.getByRole('button', { name: 'Details of service-0003, attempt 1' }).click();
    expect(await violations()).toEqual([]);
    await page.close();
  });

  it('is dark for those who prefer it, and changes at once', async () => {
    const { page } = await browser.open(small());
    const corner = () => colourAt(page, '#timeline-rows', 2, 2);
    const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    expect([await background(), await corner()]).toEqual(['rgb(255, 255, 255)', [246, 248, 250]]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect([await background(), await corner()]).toEqual(['rgb(13, 17, 23)', [18, 24, 31]]);
    await page.close();
  });

  it('shows hostile names and lines as text, and runs nothing of them', async () => {
    const names = [...new Set([...HOSTILE, '</script><script>alert(2)</script>', '<svg onload=alert(3)>'])];
    const run = journal(names);
    for (const name of names) {
      const verdict = { class: 'build-failed' as const, evidence: [name], line: name };
      run
        .starts(0, name)
        .fails(1, name, verdict, { tail: names.join('\n') })
        .givesUp(1, name, verdict);
      run.add({ type: 'warning', at: run.at(1), message: name });
      run.add({ type: 'step-started', at: run.at(1), image: name, attempt: 1, step: name, text: name });
    }
    for (const name of names)
      run.hands([1, 2], name, name, { said: name, digest: name, command: name, tail: names.join('\n') });
    run.dies(1, 1, names).answers(2, 1, false);
    const { page, trouble } = await browser.open(run.over(2, 'failure'));
    const script = page.locator('#images tbody th', { hasText: '<script>alert(1)</script>' });
    expect(await script.count()).toBeGreaterThan(0);
    expect(await page.locator('script').count()).toBe(2);
    expect(await page.locator('#images img, #images svg, #incidents img, #warnings img').count()).toBe(0);
    await page.getByRole('button', { name: /^Details of <script>[^ ]*, / }).click();
    expect(await page.locator('#details pre').textContent()).toContain('<img src=x onerror=alert(1)>');
    await page.locator('#timeline-frame').hover({ position: { x: 20, y: 150 } });
    expect(trouble).toEqual([]);
    await page.close();
  });

  it('refuses scripts and markup that get into the page in spite of all', async () => {
    const { page, trouble } = await browser.open(crashedRun());
    await page
      .evaluate("document.body.append(Object.assign(document.createElement('script'), { text: 'alert(1)' }))")
      .catch(() => {});
    await page.evaluate("document.body.innerHTML = '<img src=x onerror=alert(1)>'").catch(() => {});
    await frame(page);
    expect(trouble.filter((line) => line.startsWith('dialog'))).toEqual([]);
    expect(trouble.join('\n')).toMatch(/policy: (?:require-trusted-types-for|script-src)/);
    await page.close();
  });

  it('fits narrow screens without scrolling sideways', async () => {
    const { page } = await browser.open(small(), { width: 420, height: 800 });
    expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true);
    await page.close();
  });

  it(`of 1,000 images and an hour of samples loads within ${MOST_LOAD_MS / 1000} s`, async () => {
    const run = large();
    expect(run.events.filter(({ type }) => type === 'sample').length).toBeGreaterThanOrEqual(3_600);
    const loads: number[] = [];
    for (let load = 0; load < 3; load += 1) {
      const { page, trouble, loadedMs } = await browser.open(run);
      expect(trouble).toEqual([]);
      loads.push(Math.round(loadedMs));
      await page.close();
    }
    process.stdout.write(`1,000 images and 3,600 samples: loaded in ${loads.join(', ')} ms\n`);
    expect(Math.min(...loads)).toBeLessThanOrEqual(MOST_LOAD_MS);
  });
});
