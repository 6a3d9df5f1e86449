import { detectEngine } from '../engine/detection.js';
import type { Engine, EngineRequest } from '../engine/engine.js';
import { askWithinLimit } from './build-effects.js';
import { sleep } from './clock.js';

const PLATFORMS = ['linux', 'darwin', 'win32'];

/** The run was cancelled before an engine was found. */
export class CancelledError extends Error {}

/**
 * Finds the engine on this machine. Throws NoEngineError when none answers, and CancelledError when the signal aborts before
 * one does.
 */
export async function findEngine(request: EngineRequest, signal: AbortSignal): Promise<Engine> {
  if (!PLATFORMS.includes(process.platform)) {
    throw new Error(
      `this platform is not supported: seen ${process.platform}, expected one of ${PLATFORMS.join(', ')}`,
    );
  }
  if (request.engine === 'buildah' && process.platform !== 'linux') {
    const expected = 'podman or docker, as buildah builds on Linux only';
    throw new Error(`engine: seen "buildah" on ${process.platform}, expected ${expected}`);
  }
  try {
    const engine = await detectEngine(request, {
      askServer: (question) => askWithinLimit(question, signal),
      askClient: (command) => askWithinLimit(command, signal),
      environment: process.env,
      sleep: (ms) => sleep(ms, signal),
    });
    // The last of the answers may have come all the same.
    if (!signal.aborted) return engine;
  } catch (error) {
    // A question that is cut short has no answer either.
    if (!signal.aborted) throw error;
  }
  throw new CancelledError(`cancelled (${String(signal.reason)}) before anything was built`);
}
