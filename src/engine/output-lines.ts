/** What is kept of a line; the rest of a longer one is dropped, so that a line without an end costs no memory. */
const LONGEST_LINE_BYTES = 4096;

const NEWLINE = 0x0a;
const EMPTY: Buffer = Buffer.alloc(0);

/**
 * Reads the complete lines out of a stream's chunks, wherever these are cut (inside a character too), and calls back with
 * those that begin with one of the given ASCII characters. All others cost no more than the search for their end.
 */
export function createLineReader(beginnings: string, onLine: (line: string) => void): (chunk: Buffer) => void {
  const first = new Set(Buffer.from(beginnings, 'latin1'));
  /** The beginning of a line that a later chunk ends; empty at the beginning of a line. */
  let held = EMPTY;
  /** The line goes on, and is not wanted. */
  let dropping = false;

  return (chunk) => {
    for (let start = 0; start < chunk.length; ) {
      const newline = chunk.indexOf(NEWLINE, start);
      if (newline === -1) return hold(chunk, start);
      if (!dropping) finish(chunk, start, newline);
      held = EMPTY;
      dropping = false;
      start = newline + 1;
    }
  };

  function hold(chunk: Buffer, start: number): void {
    if (dropping) return;
    dropping = held.length === 0 && !first.has(chunk[start] as number);
    const room = LONGEST_LINE_BYTES - held.length;
    if (!dropping && room > 0) held = Buffer.concat([held, chunk.subarray(start, start + room)]);
  }

  function finish(chunk: Buffer, start: number, newline: number): void {
    if (held.length > 0) {
      hold(chunk.subarray(0, newline), start);
      tell(held, 0, held.length);
    } else if (first.has(chunk[start] as number)) {
      tell(chunk, start, Math.min(newline, start + LONGEST_LINE_BYTES));
    }
  }

  function tell(bytes: Buffer, start: number, end: number): void {
    onLine(bytes.toString('utf8', start, end).replace(/\r$/, ''));
  }
}
