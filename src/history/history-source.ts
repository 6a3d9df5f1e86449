import type { History } from './history.js';

/** What is known by now: it may come while builds run, so whoever ranks them asks anew each time. */
export interface HistorySource {
  now(): History;
  /** Resolves when it has come, or will not; absent where it is there from the start. */
  arrival?: Promise<void> | undefined;
}
