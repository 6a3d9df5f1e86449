import type { Inputs } from '../inputs/inputs.js';
import type { RetryPolicy } from './retry.js';

/** How a run may build. Times in milliseconds. */
export interface RunSettings {
  maxParallel: number;
  serialAfter: number;
  recoveryTimeoutMs: number;
  failFast: boolean;
  retry: RetryPolicy;
}

/** The part of the inputs that decides how a run builds, whatever it builds. */
export function settingsOf(inputs: Inputs): RunSettings {
  return {
    maxParallel: inputs.maxParallel,
    serialAfter: inputs.serialAfter,
    recoveryTimeoutMs: inputs.recoveryTimeoutMs,
    failFast: inputs.failFast,
    retry: {
      retries: inputs.retries,
      minTimeoutMs: inputs.retryMinTimeoutMs,
      maxTimeoutMs: inputs.retryMaxTimeoutMs,
      factor: inputs.retryFactor,
      retryOn: ['engine-crash'],
    },
  };
}
