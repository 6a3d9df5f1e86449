import type { JournalEvent } from '../journal/events.js';
import type { PingAnswer } from './ping.js';

/** A stream that ends sooner than this was refused, not dropped, if the engine answers. */
const REFUSED_WITHIN_MS = 1_000;
/** A refusal can be a server that is just coming up: after so many in a row, pings take the stream's place. */
const REFUSALS = 3;
const AGAIN_AFTER_MS = 200;
/** A stream that the engine's death ends does so within so long of the first sign of it. */
const OWN_END_WITHIN_MS = 100;
/** Without a stream the engine is asked this often; two silences in a row are a death. */
const PING_EVERY_MS = 2_000;

/** The engine's `events` stream, held open. */
export interface EventStream {
  /** Settles when the stream has ended, with the last thing it said. */
  ended: Promise<string>;
  close(): void;
}

export interface SentinelEffects {
  /** Opens the engine's `events` stream. */
  openStream(): EventStream;
  ping(): Promise<PingAnswer>;
  /** Says that the engine died within the watch that began at `since`. */
  died(since: number, evidence: string): void;
  /** Aborts when the next incident opens, whoever noticed it. */
  nextIncident(): AbortSignal;
  /** Resolves when the engine answers again; false when it is given up. */
  opened(): Promise<boolean>;
  now(): number;
  /** Ends early when the watch is over. */
  sleep(ms: number): Promise<void>;
  record(event: JournalEvent): void;
  /** Ends the watch. */
  over: AbortSignal;
}

/**
 * Watches one served engine until it is over: holds its `events` stream open, whose end tells the engine's death
 * within milliseconds, whatever the builds print. Where the engine gives no stream, pings take its place.
 */
export async function watchEngine(effects: SentinelEffects): Promise<void> {
  const { now, over } = effects;
  let refusals = 0;
  while (!over.aborted) {
    const since = now();
    const incident = effects.nextIncident();
    const { said, letGo } = await streamEnd(effects, incident);
    if (over.aborted) return;
    if (incident.aborted) {
      refusals = 0;
      if (!letGo) effects.record({ type: 'sentinel', at: now(), watch: 'stream', state: 'dropped', said });
      if (!(await effects.opened())) return;
      continue;
    }
    if (now() - since < REFUSED_WITHIN_MS && (await effects.ping()).alive) {
      refusals += 1;
      if (refusals >= REFUSALS) return watchByPings(effects, said);
      await effects.sleep(AGAIN_AFTER_MS);
      continue;
    }
    if (over.aborted) return;
    refusals = 0;
    effects.record({ type: 'sentinel', at: now(), watch: 'stream', state: 'dropped', said });
    effects.died(since, 'the events stream that we held open to the engine ended');
    if (!(await effects.opened())) return;
  }
}

/**
 * Waits for the stream to end. When an attempt notices an incident first, the stream has a moment to end by itself, as
 * evidence; then we let go of it: a server that was told to end waits for it.
 */
async function streamEnd(
  { openStream, sleep, over }: SentinelEffects,
  incident: AbortSignal,
): Promise<{ said: string; letGo: boolean }> {
  const stream = openStream();
  let letGo = false;
  const close = () => {
    letGo = true;
    stream.close();
  };
  const closeSoon = () => void sleep(OWN_END_WITHIN_MS).then(close);
  if (over.aborted) close();
  over.addEventListener('abort', close, { once: true });
  if (incident.aborted) closeSoon();
  incident.addEventListener('abort', closeSoon, { once: true });
  const said = await stream.ended;
  over.removeEventListener('abort', close);
  incident.removeEventListener('abort', closeSoon);
  return { said, letGo };
}

async function watchByPings(effects: SentinelEffects, why: string): Promise<void> {
  const { now, over } = effects;
  effects.record({ type: 'sentinel', at: now(), watch: 'pings', state: 'watching', said: why });
  let since = now();
  let silences = 0;
  while (!over.aborted) {
    const answer = await effects.ping();
    if (over.aborted) return;
    silences = answer.alive ? 0 : silences + 1;
    if (silences >= 2) {
      effects.record({ type: 'sentinel', at: now(), watch: 'pings', state: 'dropped', said: answer.said });
      effects.died(since, `the engine did not answer two pings in a row: ${answer.said}`);
      if (!(await effects.opened())) return;
      since = now();
      silences = 0;
    }
    await effects.sleep(PING_EVERY_MS);
  }
}
