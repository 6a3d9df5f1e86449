// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are variables of Containerfiles
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { JournalEvent } from '../../src/journal/events.js';
import { attemptsOf, type Lab, openLab } from '../support/lab.js';
import { steps, writeImage } from '../support/workload.js';

let lab: Lab;
beforeEach(async () => {
  lab = await openLab();
});
afterEach(async () => {
  await lab.close();
});

/** Writes an image of these lines, which takes what it is made of from others. */
function on(name: string, lines: string[], more: object = {}) {
  mkdirSync(join(lab.workspace, name), { recursive: true });
  writeFileSync(join(lab.workspace, name, 'Containerfile'), `${lines.join('\n')}\n`);
  return { name, context: name, tags: [`localhost/${name}:e2e`], ...more };
}
const podman = (...args: string[]) =>
  spawnSync('podman', ['--url', lab.server.url, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...lab.server.env },
  });
/** The layers of an image, its base's first. */
const layersOf = (name: string): string[] =>
  JSON.parse(podman('image', 'inspect', '--format', '{{json .RootFS.Layers}}', `localhost/${name}:e2e`).stdout);
const first = (events: JournalEvent[], type: 'attempt-started' | 'attempt-ended', image: string) =>
  events.findIndex(
    (event) =>
      event.type === type && event.image === image && (event.type !== 'attempt-ended' || event.built !== undefined),
  );

/** A base, and three that take it in three ways. */
const family = (seconds: number[]) => [
  on('from', ['ARG TAG=e2e', 'FROM base:${TAG}', 'RUN /bin/busybox sleep 2 && echo from > /from']),
  on('copy', ['FROM scratch', 'COPY --from=localhost/base:e2e / /', 'RUN /bin/busybox sleep 2 && echo copy > /copy']),
  on('context', ['FROM other', 'RUN /bin/busybox sleep 2 && echo c > /c'], {
    'build-contexts': { other: 'target:base' },
  }),
  writeImage(lab.workspace, 'base', steps('base', seconds)),
];

describe('images on images, on a real podman server', () => {
  it('are built from the base of this run, through a SIGKILL of the server, though an older one has its tag', async () => {
    writeImage(lab.workspace, 'old', ['RUN echo old > /old']);
    const args = ['build', '--network=none', '--tag', 'localhost/base:e2e', join(lab.workspace, 'old')];
    expect(podman(...args).status).toBe(0);
    const old = layersOf('base');

    const images = family([0.5, 2]);
    let planned = false;
    lab.watch((clients) => {
      // The base alone is built first: three clients at once are those on it.
      if (planned || clients < 3) return;
      planned = true;
      setTimeout(() => lab.kill(1_000), 700);
    });
    const run = await lab.run(images, { 'max-parallel': '3', pull: 'true' });
    expect(run.log).not.toContain('::error');
    expect(run.exitCode).toBe(0);
    expect(run.outputs).toMatchObject({ result: 'success', incidents: '1' });
    expect(attemptsOf(run.events, 'base')).toBe(1);
    const base = layersOf('base');
    expect(base).not.toEqual(old);
    for (const name of ['from', 'copy', 'context']) {
      expect(attemptsOf(run.events, name)).toBe(2);
      expect(first(run.events, 'attempt-started', name)).toBeGreaterThan(first(run.events, 'attempt-ended', 'base'));
    }
    for (const name of ['from', 'context']) expect(layersOf(name).slice(0, base.length)).toEqual(base);
    expect(podman('run', '--rm', '--network=none', 'localhost/copy:e2e', '/bin/busybox', 'cat', '/step1').stdout).toBe(
      'base\n',
    );
    expect(run.log).toContain('image "from": pull is left out');
    expect(run.summary).toMatch(/waits [\d.]+s for base/);
  });

  it('skip those that need a base which cannot be built, and build the rest', async () => {
    const images = [
      writeImage(lab.workspace, 'base', ['RUN exit 3']),
      on('api', ['FROM base:e2e', 'COPY Containerfile /x']),
      on('late', ['FROM scratch', 'COPY --from=api:e2e /x /x']),
      writeImage(lab.workspace, 'other', []),
    ];
    const run = await lab.run(images, { 'max-parallel': '1' });
    expect(run.exitCode).toBe(1);
    expect(run.images).toMatchObject({
      base: { attempts: 1, verdict: 'build-failed' },
      api: { id: null, attempts: 0, verdict: 'skipped' },
      late: { id: null, attempts: 0, verdict: 'skipped' },
      other: { attempts: 1, verdict: 'success' },
    });
    expect(run.log).toContain('skipped: api: needs "base", which was not built (build-failed)');
    expect(run.log.match(/^::error .*title=/gm)).toHaveLength(1);
    expect(run.summary).toContain('## Failure: 3 of 4 images not built, 2 skipped');
  });

  it('come with a target, in a lane of one', async () => {
    const run = await lab.run(family([0.2]), { targets: 'context', 'max-parallel': '1' });
    expect(run.exitCode).toBe(0);
    expect(Object.keys(run.images)).toEqual(['context', 'base']);
  });

  it('are an error when they go in a circle, with the whole of it, and nothing is built', async () => {
    const images = [
      on('api', ['FROM base:e2e']),
      on('base', ['FROM scratch', 'COPY --from=lib:e2e / /']),
      on('lib', ['FROM scratch'], { needs: ['api'] }),
    ];
    const run = await lab.run(images);
    expect(run.exitCode).toBe(1);
    expect(run.log).toContain('seen "api → base → lib → api"');
    expect(run.log).toContain('"api" needs "base" (FROM base:e2e in line 1 of api/Containerfile)');
    expect(run.events).toEqual([]);
  });
});
