import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { JournalEvent } from '../../src/journal/events.js';
import { formatEvent, parseJournal } from '../../src/journal/lines.js';
import { HOSTILE } from '../support/hostile-text.js';
import { crashedRun, lostRun } from '../support/journal-factory.js';

const events = crashedRun().events;
const text = events.map(formatEvent).join('');

describe('the lines of a journal', () => {
  it.each([...crashedRun().events, ...lostRun().events].map((event) => [event.type, event] as const))(
    'read back a %s as it was written',
    (_, event) => {
      expect(parseJournal(formatEvent(event))).toEqual({ events: [event], damaged: 0 });
    },
  );

  it.each(HOSTILE)('hold any text on one line: %j', (message) => {
    const event: JournalEvent = { type: 'warning', at: 1, message };
    const line = formatEvent(event);
    expect(line.slice(0, -1)).not.toMatch(/[\n\r\u0085\u2028\u2029]/);
    expect(line.endsWith('\n')).toBe(true);
    expect(parseJournal(line).events).toEqual([event]);
  });

  it('leave out and count what is no event', () => {
    const damaged = [
      '{"type":"warning","at":1,"mess',
      'garbage',
      'null',
      '[]',
      '{"at":1}',
      '{"type":"warning","at":1}',
      '{"type":"warning","at":"1","message":"x"}',
      '{"type":"warning","at":1e400,"message":"x"}',
      '{"type":"incident-opened","at":1,"incident":1,"evidence":{},"inFlight":[]}',
      '{"type":"sample","at":1,"host":null}',
    ];
    expect(parseJournal(`${damaged.join('\n')}\n${text}`)).toEqual({ events, damaged: damaged.length });
  });

  it('leave out the events of a later version without calling them damage', () => {
    expect(parseJournal('{"type":"handed-off","at":1,"image":"api"}\n{"type":"constructor","at":1}\n')).toEqual({
      events: [],
      damaged: 0,
    });
  });

  it('may be empty, or end with blank lines or carriage returns', () => {
    expect(parseJournal('')).toEqual({ events: [], damaged: 0 });
    expect(parseJournal(`${text.replaceAll('\n', '\r\n')}\n\n`)).toEqual({ events, damaged: 0 });
  });

  it('lose no more than one event when the file is cut at any byte', () => {
    const bytes = Buffer.from(text + formatEvent({ type: 'warning', at: 1, message: 'שלום 😀' }));
    fc.assert(
      fc.property(fc.nat(bytes.length), (cut) => {
        const { events: read, damaged } = parseJournal(bytes.subarray(0, cut).toString('utf8'));
        const whole = bytes.subarray(0, cut).filter((byte) => byte === 0x0a).length;
        expect(damaged).toBeLessThanOrEqual(1);
        expect(read.length - whole).toBeGreaterThanOrEqual(0);
        expect(read.length - whole).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('never make the reader throw', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (line) => void parseJournal(line)));
  });
});
