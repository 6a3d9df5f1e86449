import type { JournalEvent } from '../journal/events.js';
import type { Gate } from '../schedule/scheduler.js';
import type { PingAnswer } from './ping.js';

/**
 * Attempts that were in flight when the engine died end within moments of it, though the first report may have closed
 * the incident by then: a supervisor can bring a server back faster than a client notices that it was gone.
 */
const SAME_DEATH_MS = 10_000;

/** One that dies again so soon after it came back, before anything has begun, has not come back yet. */
const RELAPSE_WITHIN_MS = 10_000;

/** Between two looks at a dead engine; short, as every second of it is the user's. */
const PING_EVERY_MS = 250;
/** One that restarts by itself is soon back. */
const PING_AT_FIRST_MS = 100;
const AT_FIRST_MS = 3_000;
const CONFIRM_AFTER_MS = 100;

/** One answer can come from a server that is still dying or just starting: twice in a row counts. */
const ANSWERS_NEEDED = 2;

/** Before we act ourselves, a supervisor or socket activation gets this long; between two acts, a restart does. */
const FIRST_ACT_AFTER_MS = 2_000;
const ACT_AGAIN_AFTER_MS = 30_000;

/** An attempt can end some milliseconds before the sentinel drops. */
const NOTICE_MS = 300;
const NOTICE_STEP_MS = 25;

/** What to do about a dead engine, and for how long (milliseconds). */
export interface RecoveryPolicy {
  mode: 'wait' | 'restart' | 'none';
  timeoutMs: number;
  /** No wait goes beyond this moment. */
  deadlineAt: number;
}

export interface IncidentEffects {
  ping(): Promise<PingAnswer>;
  /** Tries to bring the engine back, once, within so many milliseconds; what it did is recorded by itself. */
  act(incident: number, evidence: string[], limitMs: number): Promise<void>;
  now(): number;
  /** Ends early when the run is cancelled. */
  sleep(ms: number): Promise<void>;
  /** A run that is over waits for no engine. */
  signal: AbortSignal;
  record(event: JournalEvent): void;
  /** Names of the images that are being built now. */
  inFlight(): string[];
  /** Removes what the dead attempts left, before the next ones begin; never rejects. */
  cleanUp(incident: number): Promise<void>;
  /** Called once for each death, when it is known. */
  onOpen(incident: number): void;
}

export interface Incidents extends Gate {
  /**
   * Says that the engine died for an attempt, or a watch, that had gone on since `since`. Opens an incident, or joins
   * the one that took down its fellows. Returns the incident's number, 1 for the first.
   */
  report(since: number, evidence: string[]): number;
  /** As `report`, for an engine that lives and is mute: attempts in flight will not end by themselves. */
  reportHang(since: number, evidence: string[]): number;
  /** Aborts when an incident ends the attempts that are in flight now. */
  hung(): AbortSignal;
  /** Aborts when the next incident opens. */
  next(): AbortSignal;
  count(): number;
  /** The incident that is open now, or that was opened since `since`: an attempt of that time may be its victim. */
  during(since: number): number | undefined;
  /** As `during`, but gives the sentinel a moment to notice. */
  noticed(since: number): Promise<number | undefined>;
}

/** Deaths of one engine, and the gate that stays shut until it answers again. */
export function createIncidents(policy: RecoveryPolicy, effects: IncidentEffects): Incidents {
  const { now, record } = effects;
  let count = 0;
  let openedAt = Number.NEGATIVE_INFINITY;
  let closedAt = Number.NEGATIVE_INFINITY;
  /** When it was last acted in this incident. */
  let actedAt = Number.NEGATIVE_INFINITY;
  /** Whether anything has begun since the engine came back. */
  let begun = false;
  let gate: Promise<boolean> = Promise.resolve(true);
  let state: 'open' | 'shut' | 'gone' = 'open';
  let hang = new AbortController();
  let next = new AbortController();

  const incidents: Incidents = {
    isOpen: () => state === 'open',
    opened: () => gate,
    passed() {
      begun = true;
    },
    count: () => count,
    hung: () => hang.signal,
    next: () => next.signal,
    during: (since) => (count > 0 && (state !== 'open' || openedAt >= since) ? count : undefined),
    async noticed(since) {
      for (let waited = 0; waited < NOTICE_MS && incidents.during(since) === undefined; waited += NOTICE_STEP_MS) {
        await effects.sleep(NOTICE_STEP_MS);
      }
      return incidents.during(since);
    },
    report(since, evidence) {
      if (count > 0 && isSameDeath(since)) return count;
      state = 'shut';
      if (isRelapse()) record({ type: 'incident-reopened', at: now(), incident: count, evidence });
      else open(evidence);
      gate = waitForEngine(count, evidence);
      next.abort();
      next = new AbortController();
      return count;
    },
    reportHang(since, evidence) {
      const incident = incidents.report(since, evidence);
      hang.abort();
      hang = new AbortController();
      return incident;
    },
  };
  return incidents;

  function isSameDeath(since: number): boolean {
    if (state !== 'open') return true;
    return since <= openedAt && now() - openedAt <= SAME_DEATH_MS;
  }

  /** It says nothing of what the engine bears. */
  function isRelapse(): boolean {
    return !begun && now() - closedAt <= RELAPSE_WITHIN_MS;
  }

  function open(evidence: string[]): void {
    count += 1;
    openedAt = now();
    actedAt = Number.NEGATIVE_INFINITY;
    record({ type: 'incident-opened', at: openedAt, incident: count, evidence, inFlight: effects.inFlight() });
    effects.onOpen(count);
  }

  async function waitForEngine(incident: number, evidence: string[]): Promise<boolean> {
    const startedAt = now();
    const until = Math.min(startedAt + policy.timeoutMs, policy.deadlineAt);
    const mayAct = () =>
      policy.mode === 'restart' && now() >= Math.max(startedAt + FIRST_ACT_AFTER_MS, actedAt + ACT_AGAIN_AFTER_MS);
    let answers = 0;
    let said = '';
    // After the clean-up it is asked in any case.
    const isTime = () => answers === ANSWERS_NEEDED || now() < until;
    while (answers <= ANSWERS_NEEDED && !effects.signal.aborted && isTime()) {
      const answer = await effects.ping();
      answers = answer.alive ? answers + 1 : 0;
      if (answer.alive) {
        if (answers < ANSWERS_NEEDED) await effects.sleep(CONFIRM_AFTER_MS);
        // It asks much of the engine, which is to answer once more after it.
        else if (answers === ANSWERS_NEEDED) await effects.cleanUp(incident);
        continue;
      }
      said = answer.said;
      if (policy.mode === 'none') break;
      if (mayAct()) {
        await effects.act(incident, evidence, until - now());
        actedAt = now();
      } else await effects.sleep(now() - startedAt < AT_FIRST_MS ? PING_AT_FIRST_MS : PING_EVERY_MS);
    }
    const answered = answers >= ANSWERS_NEEDED;
    if (!answered && effects.signal.aborted) said = 'the run ended before the engine answered';
    state = answered ? 'open' : 'gone';
    closedAt = now();
    begun = false;
    record({ type: 'incident-closed', at: closedAt, incident, answered, said });
    return answered;
  }
}
