import { formatDuration, plural } from '../src/report/figures.js';
import type { AttemptData, HandOffData, ImageData, ReportData } from '../src/report/html/report-data.js';
import { clock } from './describe.js';
import type { Details } from './details.js';
import { byId, make } from './elements.js';
import { outcomeMark } from './outcomes.js';
import type { State } from './state.js';
import { outcomeClass } from './theme.js';

/** Images that are listed at once; more would hold up the page, and nobody reads them. */
const PAGE = 200;

/** The table of images and their attempts: all that the timeline shows, to be read. */
export function createImagesTable(
  data: ReportData,
  state: State,
  details: Pick<Details, 'openAttempt' | 'openHandOff'>,
): void {
  const [table, more, count] = [byId('images'), byId<HTMLButtonElement>('more-images'), byId('images-count')];
  let shown = 0;

  table.addEventListener('click', (event) => {
    const button = (event.target as Element).closest('button');
    if (button === null) return;
    const { image, attempt, handOff } = button.dataset;
    if (handOff !== undefined) details.openHandOff(Number(image), Number(handOff));
    else details.openAttempt(Number(image), Number(attempt));
  });
  more.addEventListener('click', () => {
    const next = shown;
    showMore();
    // The button may be gone: reading goes on where the new rows begin.
    const first = table.querySelectorAll('tbody')[next]?.querySelector<HTMLElement>('button');
    first?.focus();
  });
  state.onRows(renew);
  renew();

  function renew(): void {
    shown = 0;
    for (const body of table.querySelectorAll('tbody')) body.remove();
    const [chosen, all] = [state.images().length, data.images.length];
    count.textContent = chosen === all ? plural(all, 'image') : `${chosen} of ${plural(all, 'image')}`;
    showMore();
  }

  function showMore(): void {
    const next = state.images().slice(shown, shown + PAGE);
    table.append(...next.map((index) => imageBody(index, data.images[index] as ImageData)));
    shown += next.length;
    const left = state.images().length - shown;
    more.hidden = left === 0;
    more.textContent = `Show ${Math.min(PAGE, left)} more of ${left}`;
  }
}

function imageBody(index: number, image: ImageData): HTMLElement {
  const rows = [
    ...image.attempts.map((attempt, number) => attemptCells(index, number, image, attempt)),
    ...image.handOffs.map((handOff, number) => handOffCells(index, number, image, handOff)),
  ];
  if (rows.length === 0) rows.push(noAttemptCells(image));
  return make(
    'tbody',
    {},
    ...rows.map((cells, row) => make('tr', {}, row === 0 ? nameCell(image, rows.length) : undefined, ...cells)),
  );
}

function noAttemptCells({ outcome, note }: ImageData): HTMLElement[] {
  const why = note === undefined ? blanks(4) : [make('td', { colspan: '3' }, note), ...blanks(1)];
  return [figure('-'), outcomeCell(outcome), ...blanks(2), ...why];
}

function nameCell(image: ImageData, rows: number): HTMLElement {
  return make('th', { scope: 'rowgroup', rowspan: String(rows) }, image.name);
}

function handOffCells(index: number, number: number, image: ImageData, handOff: HandOffData): HTMLElement[] {
  const label = `Details of ${image.name} to ${handOff.to}, attempt ${handOff.number}`;
  const attributes = { type: 'button', 'data-image': String(index), 'data-hand-off': String(number) };
  const said = make('td', { colspan: '3' }, handOff.said);
  return [
    make('td', { class: 'to' }, `→ ${handOff.to}${handOff.number > 1 ? ` (${handOff.number})` : ''}`),
    outcomeCell(handOff.outcome),
    figure(clock(handOff.from)),
    figure(formatDuration(handOff.until - handOff.from)),
    said,
    make('td', {}, make('button', { ...attributes, 'aria-label': label }, 'Details')),
  ];
}

function attemptCells(index: number, number: number, image: ImageData, attempt: AttemptData): HTMLElement[] {
  const waited = waitedMs(image, number);
  const usage = (name: string) => attempt.usage.find((fact) => fact.name === name)?.value ?? '-';
  const label = `Details of ${image.name}, attempt ${attempt.number}`;
  const attributes = { type: 'button', 'data-image': String(index), 'data-attempt': String(number) };
  return [
    figure(String(attempt.number)),
    outcomeCell(attempt.outcome),
    figure(clock(attempt.from)),
    figure(formatDuration(attempt.until - attempt.from)),
    figure(waited === 0 ? '-' : formatDuration(waited)),
    figure(`${usage('User CPU')} / ${usage('System CPU')}`),
    figure(usage('Peak RSS')),
    make('td', {}, make('button', { ...attributes, 'aria-label': label }, 'Details')),
  ];
}

/** How long the image waited before its attempt of this index. */
function waitedMs(image: ImageData, index: number): number {
  const before = image.attempts[index - 1]?.number;
  return image.waits.reduce((sum, wait) => sum + (wait.after === before ? wait.until - wait.from : 0), 0);
}

function outcomeCell(outcome: string): HTMLElement {
  const mark = make('span', { 'aria-hidden': 'true' }, `${outcomeMark(outcome)} `);
  return make('td', { class: outcomeClass(outcome) }, mark, outcome);
}

function figure(text: string): HTMLElement {
  return make('td', { class: 'figure' }, text);
}

function blanks(count: number): HTMLElement[] {
  return Array.from({ length: count }, () => make('td', { class: 'figure' }, '-'));
}
