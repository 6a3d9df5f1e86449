import type { JournalEvent } from './events.js';

type Kind = 'string' | 'number' | 'boolean' | 'object' | 'array';

/** What a line must hold to be the event that it claims to be; kept beside the event types by the compiler. */
const FIELDS: { [T in JournalEvent['type']]: Record<string, Kind> } = {
  'run-started': {
    version: 'string',
    engine: 'object',
    images: 'array',
    lane: 'number',
    mode: 'string',
    retries: 'number',
    serialAfter: 'number',
    host: 'object',
    folder: 'string',
  },
  'waited-for-runs': { ms: 'number', runs: 'number' },
  'waiting-for-runs': { ms: 'number', runs: 'number' },
  'lane-changed': { from: 'number', lane: 'number', mode: 'string', why: 'string' },
  'attempt-started': { image: 'string', attempt: 'number', command: 'string', log: 'string' },
  'attempt-ended': { image: 'string', attempt: 'number', ending: 'object', usage: 'object' },
  sentinel: { watch: 'string', state: 'string', said: 'string' },
  recovery: { incident: 'number', command: 'string', said: 'string' },
  'incident-opened': { incident: 'number', evidence: 'array', inFlight: 'array' },
  'incident-reopened': { incident: 'number', evidence: 'array' },
  'incident-closed': { incident: 'number', answered: 'boolean', said: 'string' },
  'retry-scheduled': { image: 'string', attempt: 'number', delayMs: 'number', because: 'string' },
  'hand-off-started': { image: 'string', to: 'string', attempt: 'number', log: 'string' },
  'hand-off-ended': { image: 'string', to: 'string', attempt: 'number', said: 'string' },
  'image-ended': { image: 'string', result: 'string', attempts: 'number' },
  'image-restored': { image: 'string', from: 'string', key: 'string', built: 'object', ageMs: 'number' },
  'image-remembered': { image: 'string', kept: 'object' },
  'image-not-restored': { image: 'string', why: 'string' },
  'step-started': { image: 'string', attempt: 'number', step: 'string', text: 'string' },
  'history-loaded': { from: 'string', images: 'number', runs: 'number' },
  'context-measured': { image: 'string', context: 'object' },
  'engine-machine': { machine: 'object' },
  sample: { host: 'object' },
  'cleaned-up': { removed: 'array', left: 'array' },
  'image-removed': { image: 'string', id: 'string' },
  'layers-removed': { layers: 'number' },
  warning: { message: 'string' },
  'run-ended': { result: 'string' },
};

/** Beyond this a number is no time that a Date can hold: https://tc39.es/ecma262/#sec-time-values-and-time-range */
const LATEST_TIME = 8.64e15;

/** Line ends that are not JSON's: some readers split lines at them. */
const OTHER_LINE_ENDS = /[\u0085\u2028\u2029]/g;

/** The event as one line of the journal, its newline included. */
export function formatEvent(event: JournalEvent): string {
  const json = JSON.stringify(event);
  return `${json.replace(OTHER_LINE_ENDS, (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}

/**
 * Reads a journal that may be cut anywhere, inside a UTF-8 character too. `damaged` counts the lines that are no event;
 * an event of a type that a later version wrote is left out, and is no damage.
 */
export function parseJournal(text: string): { events: JournalEvent[]; damaged: number } {
  const events: JournalEvent[] = [];
  let damaged = 0;
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const event = parseLine(line);
    if (event === 'damaged') damaged += 1;
    else if (event !== 'unknown') events.push(event);
  }
  return { events, damaged };
}

function parseLine(line: string): JournalEvent | 'damaged' | 'unknown' {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return 'damaged';
  }
  if (!isRecord(value)) return 'damaged';
  const { type, at } = value;
  if (typeof type !== 'string' || !isTime(at)) return 'damaged';
  if (!isKnown(type)) return 'unknown';
  const whole = Object.entries(FIELDS[type]).every(([name, kind]) => kindOf(value[name]) === kind);
  return whole ? (value as unknown as JournalEvent) : 'damaged';
}

function isKnown(type: string): type is JournalEvent['type'] {
  return Object.hasOwn(FIELDS, type);
}

function isRecord(value: unknown): value is Record<string, unknown> & { type?: unknown; at?: unknown } {
  return kindOf(value) === 'object';
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return value === null ? 'null' : typeof value;
}

function isTime(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= LATEST_TIME;
}
