/** Untrusted text (names, build output, engine errors) as text and nothing else, before any format's own escaping. */

/** Colours, cursor movements, and window titles or links: https://en.wikipedia.org/wiki/ANSI_escape_code */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const ANSI = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|[ -/]*[0-~])/g;

/**
 * What is invisible or moves other text: control characters except tab and newline, half surrogates, marks that turn the
 * direction of writing (https://trojansource.codes), other line ends, byte order marks and tags.
 */
const INVISIBLE =
  /(?![\n\t])[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** The text with its newlines and tabs; whatever else could act on a terminal or a reader is a visible mark. */
export function plainLines(text: string): string {
  return text.replace(ANSI, '').replace(/\r\n?/g, '\n').replace(INVISIBLE, '\ufffd');
}

/** Colours and other looks of text, which end with its line in a log. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const LOOKS = /^\x1b\[[\d;:]*m$/;
const RESET = '\x1b[0m';

/** Lines of a log with their colours, reset at the end; whatever else could act on a terminal or a reader is a visible mark. */
export function colouredLines(text: string): string {
  let coloured = false;
  const acting = new RegExp(`${ANSI.source}|${INVISIBLE.source}`, 'gu');
  const lines = text.replace(/\r\n?/g, '\n').replace(acting, (found) => {
    if (!found.startsWith('\x1b')) return '\ufffd';
    if (!LOOKS.test(found)) return found.length === 1 ? '\ufffd' : '';
    coloured = true;
    return found;
  });
  return coloured ? `${lines}${RESET}` : lines;
}

/** The text on one line and without its outer spaces, cut to so many characters. */
export function oneLine(text: string, most = 300): string {
  // Cut first, with room for what cleaning removes: a line may be a hundred megabytes long.
  const head = text.slice(0, most * 4);
  const clean = plainLines(head).replace(/\s+/g, ' ').trim();
  return clip(head.length < text.length ? `${clean}…` : clean, most);
}

/** At most so many characters (code points), the last one an ellipsis when something was cut off. */
export function clip(text: string, most: number): string {
  if (text.length <= most) return text;
  const characters = [...text.slice(0, most * 2 + 2)];
  return characters.length <= most ? characters.join('') : `${characters.slice(0, most - 1).join('')}…`;
}

/** The last lines of an output, at most so many and so many characters together. */
export function lastLines(text: string, mostLines: number, mostCharacters: number): string {
  const lines = plainLines(text.slice(-mostCharacters * 2))
    .trimEnd()
    .split('\n')
    .slice(-mostLines)
    .join('\n');
  return lines.length <= mostCharacters ? lines : `…${lines.slice(-mostCharacters).replace(/^\p{Cs}/u, '')}`;
}
