import type { JournalEvent } from '../journal/events.js';
import { formatEvent } from '../journal/lines.js';
import type { LiveReporter } from '../report/live.js';
import type { RunFolder } from './run-folder.js';
import { showError, showLine, showLog, showWarning } from './step-log.js';

export interface Recorder {
  /** Writes the event to the journal first, then tells it in the step log. */
  record(event: JournalEvent): void;
  events: JournalEvent[];
  /** Says what runs; nothing while nothing does. */
  beat(at: number): void;
}

/** The one place where events become effects. */
export function createRecorder(folder: RunFolder, live: LiveReporter): Recorder {
  const events: JournalEvent[] = [];
  return {
    events,
    beat(at) {
      const line = live.heartbeat(at);
      if (line !== undefined) showLine(line.text);
    },
    record(event) {
      events.push(event);
      folder.append(formatEvent(event));
      for (const line of live.lines(event)) {
        if (line.level === 'info') showLine(line.text);
        else if (line.level === 'warning') showWarning(line.text);
        else showError('engine', line.text);
      }
      const finished = live.finishedLog(event);
      if (finished !== undefined) showLog(finished.title, folder.logPath(finished.log));
    },
  };
}
