import { redactLine } from './redact.js';

/** A pattern may look at a line several times over; what is longer loses its middle, where no error says what it is. */
const LONGEST_LINE = 4_096;

/** Colours, cursor movements, and window titles or links: https://en.wikipedia.org/wiki/ANSI_escape_code */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const ANSI = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?)/g;

/**
 * A line of output as it is judged and shown: without colours, line ends and query strings, and of bounded length. A
 * carriage return inside it becomes a space: text behind it cannot pose as a line of its own.
 */
export function readLine(raw: string): string {
  return shorten(redactLine(raw.replace(ANSI, '').trimEnd().replaceAll('\r', ' ')));
}

function shorten(line: string): string {
  if (line.length <= LONGEST_LINE) return line;
  return `${line.slice(0, LONGEST_LINE / 2)}…${line.slice(-LONGEST_LINE / 2)}`;
}
