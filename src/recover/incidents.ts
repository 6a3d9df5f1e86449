import type { JournalEvent } from '../journal/events.js';
import type { Gate } from '../schedule/scheduler.js';
import type { PingAnswer } from './ping.js';

/**
 * Attempts that were in flight when the engine died end within moments of it, though the first report may have closed
 * the incident by then: a supervisor can bring a server back faster than a client notices that it was gone.
 */
const SAME_DEATH_MS = 10_000;

/** Between two looks at a dead engine; short, as every second of it is the user's. */
const PING_EVERY_MS = 250;
const CONFIRM_AFTER_MS = 100;

/** One answer can come from a server that is still dying or just starting: twice in a row counts. */
const ANSWERS_NEEDED = 2;

export interface IncidentEffects {
  ping(): Promise<PingAnswer>;
  now(): number;
  /** Ends early when the run is cancelled. */
  sleep(ms: number): Promise<void>;
  /** A cancelled run waits for no engine. */
  signal: AbortSignal;
  record(event: JournalEvent): void;
  /** Names of the images that are being built now. */
  inFlight(): string[];
  /** Called once for each death, when it is known. */
  onOpen(incident: number): void;
}

export interface Incidents extends Gate {
  /**
   * Says that an attempt which ran since `startedAt` was taken down by the engine. Opens an incident, or joins the one
   * that took down its fellows. Returns the incident's number, 1 for the first.
   */
  report(startedAt: number, evidence: string[]): number;
  count(): number;
  /** The incident that is open now, or that was opened since `startedAt`: an attempt of that time may be its victim. */
  during(startedAt: number): number | undefined;
}

/** Deaths of one engine, and the gate that stays shut until it answers again, at most `recoveryTimeoutMs` long. */
export function createIncidents(recoveryTimeoutMs: number, effects: IncidentEffects): Incidents {
  let count = 0;
  let openedAt = Number.NEGATIVE_INFINITY;
  let gate: Promise<boolean> = Promise.resolve(true);
  let state: 'open' | 'shut' | 'gone' = 'open';

  function isSameDeath(startedAt: number): boolean {
    if (state !== 'open') return true;
    return startedAt <= openedAt && effects.now() - openedAt <= SAME_DEATH_MS;
  }

  async function waitForAnswers(incident: number): Promise<boolean> {
    const until = effects.now() + recoveryTimeoutMs;
    let answers = 0;
    let said = '';
    while (answers < ANSWERS_NEEDED && !effects.signal.aborted && effects.now() < until) {
      const answer = await effects.ping();
      answers = answer.alive ? answers + 1 : 0;
      if (!answer.alive) said = answer.said;
      if (answers < ANSWERS_NEEDED) await effects.sleep(answer.alive ? CONFIRM_AFTER_MS : PING_EVERY_MS);
    }
    const answered = answers >= ANSWERS_NEEDED;
    state = answered ? 'open' : 'gone';
    effects.record({ type: 'incident-closed', at: effects.now(), incident, answered, said });
    return answered;
  }

  return {
    isOpen: () => state === 'open',
    opened: () => gate,
    count: () => count,
    during: (startedAt) => (count > 0 && (state !== 'open' || openedAt >= startedAt) ? count : undefined),
    report(startedAt, evidence) {
      if (count > 0 && isSameDeath(startedAt)) return count;
      count += 1;
      openedAt = effects.now();
      state = 'shut';
      effects.record({
        type: 'incident-opened',
        at: openedAt,
        incident: count,
        evidence,
        inFlight: effects.inFlight(),
      });
      effects.onOpen(count);
      gate = waitForAnswers(count);
      return count;
    },
  };
}
