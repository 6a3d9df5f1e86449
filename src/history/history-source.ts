import type { History } from './history.js';

/** What is known by now: it may come while builds run, so whoever ranks them asks anew each time. */
export interface HistorySource {
  now(): History;
  /** Resolves when it comes, if it had not come when the run began. */
  arrival?: Promise<void> | undefined;
}
