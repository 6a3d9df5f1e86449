import { createReadStream } from 'node:fs';

/** No line that is looked for is longer; of a longer one only so much is kept. */
const MOST_CHARACTERS = 4_096;

/** The lines of a log, each cut to some kilobytes, however long it is. A log that is not there has none. */
export async function* logLines(path: string): AsyncGenerator<string> {
  let rest = '';
  try {
    for await (const chunk of createReadStream(path, { encoding: 'utf8' })) {
      const lines = (rest + chunk).split('\n');
      rest = (lines.pop() ?? '').slice(0, MOST_CHARACTERS);
      for (const line of lines) yield line.slice(0, MOST_CHARACTERS);
    }
  } catch {
    // Gone, or not readable: what was read counts.
  }
  if (rest !== '') yield rest;
}
