import { describe, expect, it } from '@jest/globals';
import type { JournalEvent } from '../../src/journal/events.js';
import { createIncidents, type RecoveryPolicy } from '../../src/recover/incidents.js';

/** An engine whose answers the test scripts, and a clock that only sleeping and pinging move. */
function lab(
  alive: (at: number) => boolean,
  { cleanUpMs = 0, ...policy }: Partial<RecoveryPolicy> & { cleanUpMs?: number } = {},
) {
  const events: JournalEvent[] = [];
  const cancel = new AbortController();
  const state = { at: 1_000, pings: 0, opened: 0, acts: [] as number[], cleanUps: [] as number[] };
  const full = { mode: 'wait' as const, timeoutMs: 60_000, deadlineAt: Number.POSITIVE_INFINITY, ...policy };
  const incidents = createIncidents(full, {
    ping: async () => {
      state.pings += 1;
      state.at += 20;
      return alive(state.at) ? { alive: true, said: '' } : { alive: false, said: 'connection refused' };
    },
    now: () => state.at,
    sleep: async (ms) => {
      state.at += ms;
    },
    act: async () => {
      state.acts.push(state.at);
    },
    cleanUp: async (incident) => {
      state.cleanUps.push(incident);
      state.at += cleanUpMs;
    },
    signal: cancel.signal,
    record: (event) => events.push(event),
    inFlight: () => ['api', 'web'],
    onOpen: () => {
      state.opened += 1;
    },
  });
  return { incidents, events, state, cancel };
}

describe('incidents', () => {
  it('counts attempts that die together as one', async () => {
    const { incidents, events, state } = lab(() => true);
    expect(incidents.report(500, ['exit 125'])).toBe(1);
    expect(incidents.report(600, ['exit 125'])).toBe(1);
    expect(await incidents.opened()).toBe(true);
    // A fellow of the same death whose client noticed later, when the engine was back already.
    expect(incidents.report(700, ['exit 125'])).toBe(1);
    expect(state.opened).toBe(1);
    expect(events.map((event) => event.type)).toEqual(['incident-opened', 'incident-closed']);
  });

  it('counts an attempt that began after the last death as a new one', async () => {
    const { incidents, state } = lab(() => true);
    incidents.report(500, []);
    await incidents.opened();
    incidents.passed();
    expect(incidents.report(state.at, [])).toBe(2);
    expect(state.opened).toBe(2);
  });

  it('keeps the gate shut until the engine has answered twice in a row', async () => {
    const answers = [false, true, false, true, true, true];
    const { incidents, events, state } = lab(() => answers.shift() ?? false);
    incidents.report(500, []);
    expect(incidents.isOpen()).toBe(false);
    expect(await incidents.opened()).toBe(true);
    expect(incidents.isOpen()).toBe(true);
    // And once more after the clean-up.
    expect(state.pings).toBe(6);
    expect(events.at(-1)).toMatchObject({ type: 'incident-closed', answered: true, said: 'connection refused' });
  });

  it('waits on when the engine dies in the clean-up, and cleans up again', async () => {
    const answers = [true, true, false, true, true, true];
    const { incidents, events, state } = lab(() => answers.shift() ?? false);
    incidents.report(500, []);
    expect(await incidents.opened()).toBe(true);
    expect(state.cleanUps).toEqual([1, 1]);
    expect(events.map((event) => event.type)).toEqual(['incident-opened', 'incident-closed']);
  });

  it('takes a death soon after the engine came back, before anything has begun, for the same one', async () => {
    const { incidents, events, state } = lab(() => true);
    incidents.report(500, []);
    await incidents.opened();
    const next = incidents.next();
    expect(incidents.report(state.at, ['the stream ended'])).toBe(1);
    expect(incidents.isOpen()).toBe(false);
    expect(next.aborted).toBe(true);
    expect(await incidents.opened()).toBe(true);
    expect(state.opened).toBe(1);
    expect(events.map((event) => event.type)).toEqual([
      'incident-opened',
      'incident-closed',
      'incident-reopened',
      'incident-closed',
    ]);
    state.at += 10_001;
    expect(incidents.report(state.at, [])).toBe(2);
    await incidents.opened();
    // What has begun may have killed it, though it is at its end.
    incidents.passed();
    expect(incidents.report(state.at, [])).toBe(3);
  });

  it('asks once more after a clean-up that took longer than the engine may be waited for', async () => {
    const { incidents, events, state } = lab((at) => at < 3_000, { timeoutMs: 5_000, cleanUpMs: 6_000 });
    incidents.report(500, []);
    expect(await incidents.opened()).toBe(false);
    expect(state.cleanUps).toEqual([1]);
    expect(events.at(-1)).toMatchObject({ type: 'incident-closed', answered: false });
  });

  it('gives the first restart its half minute, also when the engine has died again meanwhile', async () => {
    let restarts = 0;
    const { incidents, state } = lab(() => state.acts.length > restarts, { mode: 'restart' });
    incidents.report(500, []);
    expect(await incidents.opened()).toBe(true);
    restarts = 1;
    expect(incidents.report(state.at, [])).toBe(1);
    expect(await incidents.opened()).toBe(true);
    const [first, second] = state.acts as [number, number];
    expect(second - first).toBeGreaterThanOrEqual(30_000);
  });

  it('gives the engine up after the recovery timeout, with what it said', async () => {
    const { incidents, events, state } = lab(() => false, { timeoutMs: 5_000 });
    incidents.report(500, []);
    expect(await incidents.opened()).toBe(false);
    expect(incidents.isOpen()).toBe(false);
    expect(state.at - 1_000).toBeLessThan(6_000);
    expect(events.at(-1)).toMatchObject({ type: 'incident-closed', answered: false, said: 'connection refused' });
  });

  it('acts only when it may, after a supervisor had its chance, and again when that did not help', async () => {
    const waiting = lab(() => false, { timeoutMs: 50_000 });
    waiting.incidents.report(500, []);
    await waiting.incidents.opened();
    expect(waiting.state.acts).toEqual([]);
    const acting = lab(() => false, { mode: 'restart', timeoutMs: 50_000 });
    acting.incidents.report(500, []);
    expect(await acting.incidents.opened()).toBe(false);
    expect(acting.state.acts).toHaveLength(2);
    expect(acting.state.acts[0]).toBeGreaterThanOrEqual(3_000);
    const quick = lab((at) => at > 1_500, { mode: 'restart' });
    quick.incidents.report(500, []);
    expect(await quick.incidents.opened()).toBe(true);
    expect(quick.state.acts).toEqual([]);
  });

  it('gives up at once with recovery none, unless the engine answers', async () => {
    const dead = lab(() => false, { mode: 'none' });
    dead.incidents.report(500, []);
    expect(await dead.incidents.opened()).toBe(false);
    expect(dead.state.pings).toBe(1);
    const alive = lab(() => true, { mode: 'none' });
    alive.incidents.report(500, []);
    expect(await alive.incidents.opened()).toBe(true);
  });

  it('waits no longer than the deadline', async () => {
    const { incidents, state } = lab(() => false, { deadlineAt: 3_000 });
    incidents.report(500, []);
    expect(await incidents.opened()).toBe(false);
    expect(state.at).toBeLessThan(3_500);
  });

  it('ends the attempts in flight when the engine hangs, and not those that come after', async () => {
    const { incidents } = lab(() => true);
    const inFlight = incidents.hung();
    expect(incidents.reportHang(500, ['silent'])).toBe(1);
    expect(inFlight.aborted).toBe(true);
    await incidents.opened();
    expect(incidents.hung().aborted).toBe(false);
  });

  it('gives the sentinel a moment to notice', async () => {
    const { incidents, state } = lab(() => true);
    const before = state.at;
    expect(await incidents.noticed(500)).toBeUndefined();
    expect(state.at - before).toBe(300);
    incidents.report(500, []);
    expect(await incidents.noticed(500)).toBe(1);
  });

  it('waits for no engine once the run is cancelled', async () => {
    const { incidents, cancel, state } = lab(() => false);
    cancel.abort('SIGINT');
    incidents.report(500, []);
    expect(await incidents.opened()).toBe(false);
    expect(state.pings).toBe(0);
  });

  it('knows which attempts may be victims', async () => {
    const { incidents, state } = lab(() => true);
    expect(incidents.during(0)).toBeUndefined();
    incidents.report(500, []);
    expect(incidents.during(999)).toBe(1);
    await incidents.opened();
    expect(incidents.during(500)).toBe(1);
    expect(incidents.during(state.at)).toBeUndefined();
  });
});
