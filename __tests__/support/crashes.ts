import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Matrix } from './matrix-engine.js';
import { type Moment, reach } from './moments.js';

/** What is done to the server at a moment of a build, and with its end the server answers again. */
export interface Crash {
  at: Moment;
  act(matrix: Matrix): Promise<void>;
}

/**
 * Does each crash in its turn while the image is being built, each in a later attempt than the one before. The returned
 * function ends the watch and resolves with the names of the moments that were hit.
 */
export function crash(matrix: Matrix, image: string, crashes: Crash[]): () => Promise<string[]> {
  const hit: string[] = [];
  let over = false;
  const done = (async () => {
    let after = 0;
    for (const { at, act } of crashes) {
      const attempt = await reach(at, { report: matrix.report, image, after, over: () => over });
      if (attempt === undefined) return;
      hit.push(at.name);
      after = attempt;
      await act(matrix);
    }
  })();
  return async () => {
    over = true;
    await done;
    return hit;
  };
}

/** The server dies of a signal, and is started again so many milliseconds later. */
export function dies(signal: NodeJS.Signals, downMs: number): Crash['act'] {
  return async ({ engine }) => {
    engine.signal(signal);
    await sleep(downMs);
    await engine.start();
  };
}

/**
 * The server dies, comes back, answers, and dies again at once; it comes back, is taken for back, and dies a third time. Then
 * it is back for good. The retry that waits for it must not begin before.
 */
export async function relapses(matrix: Matrix): Promise<void> {
  const die = dies('SIGKILL', 300);
  await die(matrix);
  // Less than the answers take that open the gate.
  await sleep(40);
  await die(matrix);
  const journal = join(matrix.report, 'journal.ndjson');
  while (!readFileSync(journal, 'utf8').includes('"incident-closed"')) await sleep(20);
  await die(matrix);
}

/** The server hangs until `restart` resolves; then it is killed and started again. */
export function hangs(restart: () => Promise<void>): Crash['act'] {
  return async ({ engine }) => {
    engine.signal('SIGSTOP');
    await restart();
    engine.signal('SIGKILL');
    await engine.start();
  };
}
