import type { Ending } from '../journal/events.js';
import { formatDuration } from './figures.js';

/** How an attempt's process ended, in words: `exit code 125`. */
export function describeEnding(ending: Ending | undefined): string {
  switch (ending?.kind) {
    case 'exited':
      return `exit code ${ending.code}`;
    case 'signalled':
      return `ended by ${ending.signal}`;
    case 'timed-out':
      return `timed out after ${formatDuration(ending.afterMs)}`;
    case 'deadline':
      return `ended at the run's deadline of ${formatDuration(ending.afterMs)}`;
    case 'hung':
      return `ended by us as the engine hung, ${formatDuration(ending.silentMs)} after its last output`;
    case 'cancelled':
      return `cancelled (${ending.reason})`;
    case 'not-spawned':
      return `not started (${ending.reason})`;
    case undefined:
      return 'not known';
  }
}
