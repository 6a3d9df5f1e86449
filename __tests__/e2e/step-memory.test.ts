import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { History } from '../../src/history/history.js';
import type { JournalEvent } from '../../src/journal/events.js';
import { type Lab, openLab } from '../support/lab.js';
import { writeImage } from '../support/workload.js';

const MIB = 2 ** 20;
/** Holds 300 MiB for some seconds: dd has one block in memory, and copies it until it is ended. */
const HEAVY =
  'RUN /bin/busybox timeout 8 /bin/busybox dd if=/dev/zero of=/dev/null bs=300M; /bin/busybox echo heavy > /done';
const LIGHT = 'RUN /bin/busybox sleep 8; /bin/busybox echo light > /done';

let lab: Lab;
let cache: string;
beforeEach(async () => {
  lab = await openLab();
  cache = mkdtempSync(join(tmpdir(), 'e2e-cache-'));
});
afterEach(async () => {
  await lab.close();
  rmSync(cache, { recursive: true, force: true });
});

const images = () => [writeImage(lab.workspace, 'heavy', [HEAVY]), writeImage(lab.workspace, 'light', [LIGHT])];
const run = () => lab.run(images(), { 'max-parallel': '2', 'no-cache': 'true' }, undefined, { XDG_CACHE_HOME: cache });

/** The memory of the steps of each image's last attempt, in MiB. */
function stepMemory(events: readonly JournalEvent[]): Record<string, number> {
  const ends = events.flatMap((event) => (event.type === 'attempt-ended' ? [event] : []));
  return Object.fromEntries(ends.map(({ image, usage }) => [image, Math.round((usage.stepPeakRssBytes ?? NaN) / MIB)]));
}

/** What is kept of each image for later runs, in MiB. */
function keptPeaks(): Record<string, number> {
  const file = readdirSync(cache, { recursive: true, encoding: 'utf8' }).find((name) => /history-.*\.json$/.test(name));
  const { images } = JSON.parse(readFileSync(join(cache, file ?? ''), 'utf8')) as History;
  return Object.fromEntries(images.map(({ name, builds }) => [name, Math.round((builds[0]?.peakBytes ?? NaN) / MIB)]));
}

describe('the memory of the steps that a server runs', () => {
  it('is told of each image, though they build side by side, and kept for later runs', async () => {
    const { outputs, events, summary } = await run();
    expect(outputs).toMatchObject({ result: 'success', incidents: '0' });
    const { heavy, light } = stepMemory(events);
    expect(heavy).toBeGreaterThanOrEqual(300);
    expect(heavy).toBeLessThan(400);
    expect(light).toBeLessThan(50);
    expect(summary).toContain("Steps' peak RSS");
    expect(keptPeaks()).toEqual({ heavy, light });
  });

  it('is what was in flight when the server died', async () => {
    let killed = false;
    lab.watch((clients) => {
      if (clients === 0 || killed) return;
      killed = true;
      setTimeout(() => lab.kill(500), 6_000);
    });
    const { outputs, summary } = await run();
    expect(outputs).toMatchObject({ result: 'success', incidents: '1' });
    const row = summary.split('\n').find((line) => /heavy.*RUN/.test(line) && line.includes('MiB'));
    expect(row).toMatch(/\b3\d\d(\.\d)? MiB/);
  });
});
