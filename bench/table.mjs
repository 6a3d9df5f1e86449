// Tables of figures, as text in columns or as markdown.

/**
 * @typedef {object} Table
 * @property {string} title
 * @property {string[][]} rows the head first
 * @property {string[]} [notes] sentences below it
 */

/** The head of a table of figures that have targets; `figureRow` makes its rows. */
export const FIGURE_HEAD = ['figure', 'ours', 'beside it', 'ratio', 'target', 'met'];

/**
 * A row of a table of figures. A figure that could not be taken (undefined) falls short.
 * @param {object} figure
 * @param {string} figure.what
 * @param {number | undefined} figure.ours in milliseconds
 * @param {string} figure.peer what it stands beside
 * @param {number | undefined} figure.beside in milliseconds
 * @param {number} [figure.most] the highest ratio that meets the target; without one there is none
 */
export function figureRow({ what, ours, peer, beside, most }) {
  const ratio = ours === undefined || beside === undefined ? undefined : ours / beside;
  const met = ratio !== undefined && most !== undefined && ratio <= most;
  return [
    what,
    seconds(ours),
    `${peer}: ${seconds(beside)}`,
    ratio === undefined ? '' : ratio.toFixed(2),
    most === undefined ? '' : `≤ ${most}`,
    most === undefined ? '' : met ? 'yes' : 'falls short',
  ];
}

/** @param {number | undefined} ms */
export function seconds(ms) {
  return ms === undefined ? 'never' : `${(ms / 1000).toFixed(1)} s`;
}

/** The middle one, or half-way between the middle two; undefined when there is none. @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

/** @param {Table} table @param {boolean} markdown */
export function formatTable({ title, rows, notes = [] }, markdown) {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((cells) => (cells[column] ?? '').length)));
  const [head = '', ...body] = rows.map((cells) => {
    if (markdown) return `| ${cells.join(' | ')} |`;
    return cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  });
  const line = markdown ? [`|${' --- |'.repeat(widths.length)}`] : [];
  const below = notes.map((note) => (markdown ? `- ${note}` : note));
  return [`${markdown ? '## ' : ''}${title}`, '', head, ...line, ...body, '', ...below].join('\n').trimEnd();
}
