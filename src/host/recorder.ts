import type { JournalEvent } from '../journal/events.js';
import { formatEvent } from '../journal/lines.js';
import { createLiveReporter } from '../report/live.js';
import type { Redactor } from '../secrets/redactor.js';
import { every } from './clock.js';
import type { RunFolder } from './run-folder.js';
import { showError, showLine, showLog, showWarning } from './step-log.js';

/** A quiet log is told so often what runs. */
const HEARTBEAT_MS = 30_000;

export interface Recorder {
  /** Writes the event to the journal first, then tells it in the step log. */
  record(event: JournalEvent): void;
  events: JournalEvent[];
  /** Says from time to time what runs, and nothing while nothing does, until the function that it returns is called. */
  startHeartbeat(now: () => number): () => void;
}

/** The one place where events become effects. */
export function createRecorder(folder: RunFolder, redactor: Redactor): Recorder {
  const live = createLiveReporter();
  const events: JournalEvent[] = [];
  let writable = true;
  /** Without a journal a run can still be reported, as long as it is not killed. */
  const append = (event: JournalEvent) => {
    if (!writable) return;
    try {
      folder.append(formatEvent(event));
    } catch (error) {
      writable = false;
      showWarning(`the journal cannot be written: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  return {
    events,
    startHeartbeat: (now) =>
      every(HEARTBEAT_MS, () => {
        const line = live.heartbeat(now());
        if (line !== undefined) showLine(line.text);
      }),
    record(happened) {
      const event = redactor.value(happened);
      events.push(event);
      append(event);
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
