import type { Inputs } from '../inputs/inputs.js';
import type { JournalEvent } from '../journal/events.js';
import { NO_SECRETS } from '../secrets/redactor.js';
import { createHostCleanUp } from './clean-up.js';
import { createClock, sleep } from './clock.js';
import { findEngine } from './engine-search.js';
import { askByCommand } from './process.js';
import { createRecorder } from './recorder.js';
import type { RunFolder } from './run-folder.js';

/** For all of it: the job waits for its post steps. */
const LIMIT_MS = 60_000;
const ASK_LIMIT_MS = 20_000;
const LOOKS = 6;
const LOOK_EVERY_MS = 500;

/**
 * Removes what the attempts of a killed run left in the engine, and adds what it did to the run's events and journal. An
 * engine that does not answer, or anything else that goes wrong, is a warning in them.
 */
export async function cleanUpAfterKill(events: JournalEvent[], folder: RunFolder, inputs: Inputs): Promise<void> {
  const interrupted = interruptedAttempts(events);
  if (!inputs.cleanup || interrupted.length === 0) return;
  const now = createClock();
  const { record } = createRecorder(folder, NO_SECRETS);
  const tell = (event: JournalEvent) => {
    events.push(event);
    record(event);
  };
  /** What a look had to leave is told once, by the last of them. */
  let left: JournalEvent | undefined;
  const tellRemoved = (event: JournalEvent) => {
    left = event;
    if (event.type === 'cleaned-up' && event.removed.length === 0) return;
    left = undefined;
    tell(event);
  };
  try {
    const signal = AbortSignal.timeout(LIMIT_MS);
    const engine = await findEngine(inputs, [], signal);
    const ask = (command: Parameters<typeof askByCommand>[0]) => askByCommand(command, ASK_LIMIT_MS, signal);
    const cleanUp = createHostCleanUp({ engine, ask, logPath: folder.logPath, now, record: tellRemoved });
    for (const { startedAt, endedAt, log } of interrupted)
      cleanUp.interrupted({ startedAt, endedAt: endedAt ?? now(), log, logCut: endedAt === undefined });
    // A server whose clients are gone removes most of it by itself, and what it works in until then is left to it.
    for (let look = 1; look <= LOOKS; look += 1) {
      const done = await cleanUp.run({ engineAnswers: true });
      if (done && !cleanUp.leftSomething()) return;
      await sleep(LOOK_EVERY_MS, signal);
    }
    if (left !== undefined) tell(left);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    tell({ type: 'warning', at: now(), message: `what killed builds left was not removed: ${why}` });
  }
}

/**
 * The attempts without an end, whose logs may be cut, and those that the engine took down or we ended: the recovery from
 * them may have been killed, or had to leave something.
 */
function interruptedAttempts(events: readonly JournalEvent[]): { startedAt: number; endedAt?: number; log: string }[] {
  const nameOf = (event: { image: string; attempt: number }) => `${event.attempt} ${event.image}`;
  const ends = new Map(events.flatMap((event) => (event.type === 'attempt-ended' ? [[nameOf(event), event]] : [])));
  return events.flatMap((event) => {
    if (event.type !== 'attempt-started') return [];
    const end = ends.get(nameOf(event));
    const itself = end?.ending.kind === 'exited' && end.verdict?.class !== 'engine-crash';
    if (itself) return [];
    return [{ startedAt: event.at, log: event.log, ...(end === undefined ? {} : { endedAt: end.at }) }];
  });
}
