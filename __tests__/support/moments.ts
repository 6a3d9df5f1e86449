import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PrivateEngine } from './private-engines.js';

/** A moment of a build, told by a line of the attempt's log. */
export interface Moment {
  name: string;
  line: RegExp;
}

/** What an attempt's log says at its latest when the image is written; BuildKit's and podman's own words, if they have any. */
const COMMITS: Record<string, RegExp> = {
  podman: /^COMMIT /m,
  'podman-local': /^COMMIT /m,
  buildah: /^COMMIT /m,
  'docker-buildx': /^#\d+ exporting layers/m,
  // It says nothing of its own before the image is there: the last step's last words have to do.
  'docker-legacy': /^the last step has ended$/m,
};

/**
 * Instructions of three steps that say when they begin and leave a file each, the last one a large one, so that the image
 * takes a while to be written. No two names share a layer.
 */
export function slowSteps(name: string): string[] {
  const began = (step: string) => `/bin/busybox echo "the ${step} step of ${name} has begun"; /bin/busybox sleep 1.5`;
  const large = '/bin/busybox dd if=/dev/urandom of=/large bs=1M count=120 2>/dev/null';
  return [
    `RUN ${began('first')}; echo ${name} > /first`,
    `RUN ${began('middle')}; echo ${name} > /middle`,
    `RUN ${began('last')}; ${large}; /bin/busybox sha256sum /large > /sum; echo "the last step has ended"`,
  ];
}

/** The files of an image of `slowSteps` that are not as its steps wrote them. */
export function tornFiles(engine: PrivateEngine, { name, tags }: { name: string; tags: string[] }): string[] {
  const read = (path: string) => engine.read(tags[0] as string, path);
  const sum = createHash('sha256').update(read('/large')).digest('hex');
  return [
    ...['/first', '/middle'].filter((path) => read(path).toString() !== `${name}\n`),
    ...(read('/sum').toString().startsWith(`${sum} `) ? [] : ['/large']),
  ];
}

/** The moments of an image of `slowSteps`, in their order, on one engine of the matrix. */
export function momentsOf(name: string, engine: string): Moment[] {
  // BuildKit puts its own number of the step and the time in front of a line.
  const began = (step: string) => new RegExp(`^(?:#\\d+ [\\d.]+ )?the ${step} step of ${name} has begun$`, 'm');
  return [
    ...['first', 'middle', 'last'].map((step) => ({ name: `the ${step} step`, line: began(step) })),
    { name: 'the commit', line: COMMITS[engine] as RegExp },
  ];
}

/**
 * Waits for the next moment of an image's build in the report folder of a run, in an attempt later than `after`.
 * Resolves with the attempt's number; undefined when the run is over before.
 */
export async function reach(
  moment: Moment,
  { report, image, after, over }: { report: string; image: string; after: number; over: () => boolean },
): Promise<number | undefined> {
  for (; !over(); await sleep(20)) {
    for (const { attempt, path } of logsOf(report, image)) {
      if (attempt > after && moment.line.test(readFileSync(path, 'utf8'))) return attempt;
    }
  }
  return undefined;
}

function logsOf(report: string, image: string): { attempt: number; path: string }[] {
  const logs = join(report, 'logs');
  try {
    return readdirSync(logs).flatMap((file) => {
      const [, name, attempt] = /^\d+-(.+)\.(\d+)\.log$/.exec(file) ?? [];
      return name === image ? [{ attempt: Number(attempt), path: join(logs, file) }] : [];
    });
  } catch {
    // The run has only just begun.
    return [];
  }
}
