import type { ImageReport, RunReport } from '../journal/run-report.js';
import { formatBytes, formatDuration, orNotAvailable, plural } from './figures.js';
import { isNotHandedOver } from './hand-offs.js';
import { codeCell, tableHead, tableRow, text } from './markdown.js';
import { imageOutcome, imagesWithoutSuccess } from './outcome.js';
import { formatRemovals } from './removals.js';
import { fitting } from './space.js';
import { imageMs } from './wall-time.js';

const SHORT_ID = 12;

/** The table of images, those without success first, within so many bytes. */
export function renderImages(report: RunReport, mostBytes: number): string {
  const failed = imagesWithoutSuccess(report);
  const built = report.images.filter((image) => image.result === 'success');
  const { text: rows, left } = fitting([...failed, ...built], mostBytes, (image) => row(image, report));
  const head = tableHead(['Image', 'Result'], ['Attempts', 'Duration', 'Image id', 'Size']);
  const note = left > 0 ? `\n${plural(left, 'image')} left out for lack of space; report.json has all.\n` : '';
  const removed = formatRemovals(report.removals);
  const removals = removed === undefined ? '' : `\nRemoved from the engine after hand-off: ${text(removed)}\n`;
  return `### Images\n\n${head}${rows}${note}${removals}\n`;
}

function row(image: ImageReport, report: RunReport): string {
  const built = image.built;
  return tableRow([
    codeCell(image.name),
    result(image),
    image.restored === undefined ? String(image.attempts.length) : 'restored',
    image.attempts.length === 0 ? '-' : formatDuration(imageMs(image, report)),
    built === undefined ? '-' : codeCell(shortId(built.id)),
    built === undefined ? '-' : orNotAvailable(built.sizeBytes, formatBytes),
  ]);
}

/** The outcome, and what it does not say: why it was skipped, or that the image is there and yet not where it was to go. */
function result(image: ImageReport): string {
  if (image.skipped !== undefined) return `skipped: ${text(image.skipped)}`;
  return isNotHandedOver(image) ? `not handed over: ${text(imageOutcome(image))}` : text(imageOutcome(image));
}

/** As engines print ids: without the name of the hash, and only its beginning. */
function shortId(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, SHORT_ID);
}
