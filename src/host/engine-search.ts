import { detectEngine } from '../engine/detection.js';
import type { Engine, EngineRequest } from '../engine/engine.js';
import { askWithinLimit } from './build-effects.js';
import { sleep } from './clock.js';
import { askClient } from './process.js';

/** The run was cancelled before an engine was found. */
export class CancelledError extends Error {}

/**
 * Finds the engine on this machine. Throws NoEngineError when none answers, and CancelledError when the signal aborts before
 * one does.
 */
export async function findEngine(request: EngineRequest, signal: AbortSignal): Promise<Engine> {
  try {
    return await detectEngine(request, {
      askServer: (question) => askWithinLimit(question, signal),
      askClient,
      environment: process.env,
      sleep: (ms) => sleep(ms, signal),
    });
  } catch (error) {
    // A question that is cut short has no answer either.
    if (signal.aborted) throw new CancelledError(`cancelled (${String(signal.reason)}) before an engine was found`);
    throw error;
  }
}
