import { describe, expect, it } from '@jest/globals';
import type { JournalEvent } from '../../src/journal/events.js';
import { watchEngine } from '../../src/recover/sentinel.js';

/** An engine whose streams last as scripted (milliseconds each, then for ever) and whose pings answer as scripted. */
function lab(script: { streams: number[]; pings?: boolean[]; gate?: boolean[]; holdFirst?: boolean }) {
  const over = new AbortController();
  const events: JournalEvent[] = [];
  const deaths: { since: number; evidence: string }[] = [];
  const state = { at: 0, streams: 0, closed: 0, incident: new AbortController() };
  const streams = [...script.streams];
  const pings = [...(script.pings ?? [])];
  const gate = [...(script.gate ?? [])];
  const watch = watchEngine({
    openStream: () => {
      state.streams += 1;
      const lasts = streams.shift();
      let end = (_said: string) => {};
      const ended = new Promise<string>((resolve) => {
        end = resolve;
      });
      if (lasts !== undefined) {
        state.at += lasts;
        end('unexpected EOF');
      } else if (!script.holdFirst || state.streams > 1) setImmediate(() => over.abort());
      return {
        ended,
        close: () => {
          state.closed += 1;
          end('');
        },
      };
    },
    ping: async () => {
      const alive = pings.shift() ?? true;
      if (pings.length === 0 && script.streams.length > 0 && streams.length === 0 && script.pings !== undefined)
        over.abort();
      return { alive, said: alive ? '' : 'connection refused' };
    },
    died: (since, evidence) => deaths.push({ since, evidence }),
    nextIncident: () => state.incident.signal,
    opened: async () => {
      state.incident = new AbortController();
      return gate.shift() ?? true;
    },
    now: () => state.at,
    sleep: async (ms) => {
      state.at += ms;
    },
    record: (event) => events.push(event),
    over: over.signal,
  });
  return { watch, state, events, deaths };
}

describe('the sentinel', () => {
  it('holds one stream open, and closes it when the watch is over', async () => {
    const { watch, state, deaths } = lab({ streams: [] });
    await watch;
    expect(state).toMatchObject({ streams: 1, closed: 1 });
    expect(deaths).toEqual([]);
  });

  it('takes the end of its stream for the death of the engine, and opens the next when it answers again', async () => {
    const { watch, state, events, deaths } = lab({ streams: [5_000, 9_000] });
    await watch;
    expect(deaths.map(({ since }) => since)).toEqual([0, 5_000]);
    expect(events.filter((event) => event.type === 'sentinel')).toMatchObject([
      { at: 5_000, watch: 'stream', state: 'dropped' },
      { at: 14_000, watch: 'stream', state: 'dropped' },
    ]);
    expect(state.streams).toBe(3);
  });

  it('lets go of its stream when others notice an incident first: a server that was told to end waits for it', async () => {
    const { watch, state, deaths, events } = lab({ streams: [], holdFirst: true });
    state.incident.abort();
    await watch;
    expect(state).toMatchObject({ streams: 2, closed: 2 });
    expect(deaths).toEqual([]);
    expect(events).toEqual([]);
  });

  it('ends with an engine that is given up', async () => {
    const { watch, state } = lab({ streams: [5_000, 5_000], gate: [false] });
    await watch;
    expect(state.streams).toBe(1);
  });

  it('takes a stream that ends at once for a death only when the engine does not answer', async () => {
    const { watch, deaths } = lab({ streams: [10], pings: [false] });
    await watch;
    expect(deaths).toHaveLength(0);
    const dead = lab({ streams: [10, 5_000], pings: [false, true] });
    await dead.watch;
    expect(dead.deaths[0]).toMatchObject({ since: 0 });
  });

  it('falls back to pings where the engine refuses the stream, and says why', async () => {
    const { watch, events, deaths } = lab({
      streams: [10, 10, 10],
      pings: [true, true, true, true, false, false, true],
    });
    await watch;
    expect(events[0]).toMatchObject({ type: 'sentinel', watch: 'pings', state: 'watching', said: 'unexpected EOF' });
    expect(deaths).toMatchObject([{ evidence: 'the engine did not answer two pings in a row: connection refused' }]);
  });
});
