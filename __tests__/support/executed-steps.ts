import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalEvent } from '../../src/journal/events.js';

/** A `RUN` of `markedStep` that an attempt executed, as its log shows it. */
export interface Executed {
  marker: string;
  image: string;
  attempt: number;
  /** When the step began, in the journal's milliseconds. */
  at: number;
  /** Whether the attempt went on to another step, or built the image: then the step's layer is there. */
  finished: boolean;
}

/** A step that says when it is executed, and takes so many seconds. */
export function markedStep(marker: string, seconds: number): string {
  return `RUN echo did ${marker}; /bin/busybox sleep ${seconds}; echo ${marker} > /${marker}`;
}

/** All marked steps that the attempts of a run executed, in the order in which they began. */
export function executedSteps(report: string, events: readonly JournalEvent[]): Executed[] {
  const executed: Executed[] = [];
  for (const started of events) {
    if (started.type !== 'attempt-started') continue;
    const { image, attempt } = started;
    const own = events.filter((event) => 'attempt' in event && event.image === image && event.attempt === attempt);
    const steps = own.flatMap((event) => (event.type === 'step-started' ? [event] : []));
    const built = own.some((event) => event.type === 'attempt-ended' && event.built !== undefined);
    const log = readFileSync(join(report, started.log), 'utf8');
    for (const [, marker = ''] of log.matchAll(/^did (\S+)$/gm)) {
      const index = steps.findIndex(({ text }) => text.includes(`did ${marker};`));
      const step = steps[index];
      if (step === undefined) throw new Error(`${started.log} says "did ${marker}", and the journal has no such step`);
      executed.push({ marker, image, attempt, at: step.at, finished: built || index < steps.length - 1 });
    }
  }
  return executed.sort((a, b) => a.at - b.at);
}

/** Executions of steps that had been finished when they began, or while they ran, as sentences. */
export function executedAgain(executed: readonly Executed[]): string[] {
  return executed.flatMap((one) =>
    executed
      .filter((other) => other !== one && other.marker === one.marker && other.finished && other.at <= one.at)
      .map((other) => `${one.marker}: by ${one.image} (${one.attempt}), after ${other.image} (${other.attempt})`),
  );
}
