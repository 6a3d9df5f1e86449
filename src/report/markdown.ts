import { oneLine, plainLines } from './plain-text.js';

/**
 * The only place that makes markdown of untrusted text, for GitHub's flavour (https://github.github.com/gfm/). What comes
 * out stays on its line (a fence aside) and in its cell, and is never a link, an image, a mention or HTML.
 */

const MARKUP = /[\\`*_[\]~|$#]/g;

/**
 * Where GitHub makes links and pictures of plain text, escaped or not: mentions, mail and web addresses, references to
 * issues and commits, emoji. A space of no width keeps the halves apart.
 */
const AUTOLINK =
  /@(?=[\w.-])|#(?=\d)|\bGH-(?=\d)|:(?=\/\/)|\bwww(?=\.)|:(?=[\w+-]+:)|\b(?=\d*[a-f])(?=[a-f]*\d)[\da-f]{6}(?=[\da-f]+\b)/gi;
const NO_WIDTH = '\u200b';

/** A sentence that may quote anything, for the text of a paragraph, a list item, a heading or a cell. */
export function text(untrusted: string, most = 300): string {
  return escapeHtml(
    oneLine(untrusted, most)
      .replace(AUTOLINK, `$&${NO_WIDTH}`)
      .replace(MARKUP, '\\$&')
      // At the start of a line these would make a list or a heading.
      .replace(/^[-+=]/, '\\$&')
      .replace(/^(\d+)([.)])(?=\s|$)/, '$1\\$2'),
  );
}

/** A name, an id, a command or a line of output, as inline code. */
export function code(untrusted: string, most = 300): string {
  const content = oneLine(untrusted, most);
  if (content === '') return '(empty)';
  const ticks = '`'.repeat(longestRun(content) + 1);
  const space = content.startsWith('`') || content.endsWith('`') ? ' ' : '';
  return `${ticks}${space}${content}${space}${ticks}`;
}

/** Inline code within a table, where a pipe ends the cell in code too unless it is escaped. */
export function codeCell(untrusted: string, most = 100): string {
  // Parsers disagree on how many backslashes before a pipe escape it: no other may touch ours.
  return code(untrusted, most)
    .replace(/\\(?=\|)/g, `\\${NO_WIDTH}`)
    .replace(/\|/g, '\\|');
}

/** A code block whose fence is longer than any within. */
export function fence(untrusted: string, language = 'text'): string {
  const ticks = '`'.repeat(Math.max(3, longestRun(untrusted) + 1));
  return `${ticks}${language}\n${plainLines(untrusted)}\n${ticks}\n`;
}

/** A table of cells that are markdown already; the first column is left, figures are right. */
export function tableHead(columns: readonly string[], figures: readonly string[] = []): string {
  const rule = [...columns.map(() => '---'), ...figures.map(() => '---:')];
  return tableRow([...columns, ...figures]) + tableRow(rule);
}

/** A row of cells that are markdown already. */
export function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`;
}

/** A folded block: its title from trusted text and `codeHtml`, its body from markdown. */
export function details(titleHtml: string, body: string): string {
  return `<details><summary>${titleHtml}</summary>\n\n${body}\n</details>\n\n`;
}

/** As `code`, for where markdown is not read: the title of a folded block. */
export function codeHtml(untrusted: string, most = 100): string {
  return `<code>${escapeHtml(oneLine(untrusted, most)).replace(/"/g, '&quot;')}</code>`;
}

function escapeHtml(untrusted: string): string {
  return untrusted.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

function longestRun(content: string): number {
  return (content.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0);
}
