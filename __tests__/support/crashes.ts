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

/** The server dies, comes back, answers, and dies again after each of these milliseconds; then it is back for good. */
export function relapses(...upMs: number[]): Crash['act'] {
  return async (matrix) => {
    await dies('SIGKILL', 300)(matrix);
    for (const ms of upMs) {
      await sleep(ms);
      await dies('SIGKILL', 300)(matrix);
    }
  };
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
