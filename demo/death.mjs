// The death of the engine in mid-build, and its return.
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_EVERY_MS = 50;

/**
 * Waits until the journal shows a build, ends the engine `afterMs` later, and brings it back after `downMs` more. Ends
 * early, with the engine as it is, when `over` says that the run has ended. Never rejects: an engine that cannot be
 * brought back is told, and the run fails by itself.
 * @param {import('./engines.mjs').DemoEngine} engine
 * @param {{ journal: string, afterMs: number, downMs: number, over: AbortSignal, tell: (line: string) => void }} options
 */
export async function dieInMidBuild(engine, { journal, afterMs, downMs, over, tell }) {
  const pause = (/** @type {number} */ ms) => sleep(ms, undefined, { signal: over }).catch(() => {});
  try {
    while (!over.aborted && !hasBuild(journal)) await pause(LOOK_EVERY_MS);
    await pause(afterMs);
    if (over.aborted) return;
    tell(`>>> ${engine.death}`);
    await engine.die();
    await pause(downMs);
    if (over.aborted) return;
    await engine.revive();
    tell('>>> the engine is back');
  } catch (error) {
    tell(`>>> the engine cannot be brought back: ${error instanceof Error ? error.message : error}`);
  }
}

/** @param {string} journal */
function hasBuild(journal) {
  return existsSync(journal) && readFileSync(journal, 'utf8').includes('"attempt-started"');
}
