import type { ImageReport, RunReport } from '../journal/run-report.js';
import { formatBytes, formatDuration, plural } from './figures.js';
import { type Destination, destinationsOf, handOffMs, handOffOutcome } from './hand-offs.js';
import { codeCell, tableHead, tableRow, text } from './markdown.js';
import { fitting } from './space.js';

/** Where images went: a row for each image and place, failed ones first, within so many bytes; nothing when none was to go. */
export function renderHandOffs(report: RunReport, mostBytes: number): string {
  const all = report.images.flatMap((image) => destinationsOf(image).map((destination) => ({ image, destination })));
  if (all.length === 0) return '';
  const isDone = ({ destination }: (typeof all)[number]) => handOffOutcome(destination.last) === 'success';
  const sorted = [...all.filter((each) => !isDone(each)), ...all.filter(isDone)];
  const { text: rows, left } = fitting(sorted, mostBytes, ({ image, destination }) => row(image, destination, report));
  const head = tableHead(['Image', 'To', 'Result'], ['Tries', 'Duration', 'Moved']);
  const note = left > 0 ? `\n${plural(left, 'hand-off')} left out for lack of space; report.json has all.\n` : '';
  return `### Hand-offs\n\n${head}${rows}${note}\n`;
}

function row(image: ImageReport, { to, tries, last }: Destination, report: RunReport): string {
  const outcome = handOffOutcome(last);
  const said = last.said === undefined ? '' : text(last.said);
  const result = outcome === 'success' && said !== '' ? said : `${text(outcome)}${said === '' ? '' : `: ${said}`}`;
  const digest = last.digest === undefined ? '' : ` ${codeCell(last.digest)}`;
  return tableRow([
    codeCell(image.name),
    codeCell(to),
    `${result}${digest}`,
    String(tries.length),
    formatDuration(tries.reduce((sum, one) => sum + handOffMs(one, report), 0)),
    last.bytes === undefined ? '-' : formatBytes(last.bytes),
  ]);
}
