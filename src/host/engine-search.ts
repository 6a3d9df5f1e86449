import { detectEngine } from '../engine/detection.js';
import { forPlatforms, platformQuestions } from '../engine/docker-platforms.js';
import type { Engine, EngineRequest } from '../engine/engine.js';
import { isList } from '../engine/manifest-list.js';
import { platformRefusal } from '../engine/platform.js';
import type { ImageSpec } from '../plan/image-spec.js';
import { askWithinLimit } from './build-effects.js';
import { sleep } from './clock.js';

/** The run was cancelled before an engine was found. */
export class CancelledError extends Error {}

/**
 * Finds the engine on this machine, as it can build these images. Throws an Error when this platform has no such engine,
 * NoEngineError when none answers, and CancelledError when the signal aborts before one does.
 */
export async function findEngine(
  request: EngineRequest,
  images: readonly ImageSpec[],
  signal: AbortSignal,
): Promise<Engine> {
  const refusal = platformRefusal(request, process.platform);
  if (refusal !== undefined) throw new Error(refusal);
  try {
    const engine = await detectEngine(request, {
      askServer: (question) => askWithinLimit(question, signal),
      askClient: (command) => askWithinLimit(command, signal),
      environment: process.env,
      sleep: (ms) => sleep(ms, signal),
    });
    // The last of the answers may have come all the same.
    if (!signal.aborted) return await forTheirPlatforms(engine);
  } catch (error) {
    // A question that is cut short has no answer either.
    if (!signal.aborted) throw error;
  }
  throw new CancelledError(`cancelled (${String(signal.reason)}) before anything was built`);

  /** Only docker with buildx depends on its store and its builder, and only for several platforms. */
  async function forTheirPlatforms(engine: Engine): Promise<Engine> {
    if (engine.facts.dialect !== 'buildkit' || !images.some(isList)) return engine;
    const questions = platformQuestions(request);
    const [store, builder] = await Promise.all([
      askWithinLimit(questions.store, signal),
      askWithinLimit(questions.builder, signal),
    ]);
    return forPlatforms(engine, request, { store, builder });
  }
}
