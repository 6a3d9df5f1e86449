import { formatDuration, plural } from '../src/report/figures.js';
import type { AttemptData, ImageData, ReportData } from '../src/report/html/report-data.js';
import { clock } from './describe.js';
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
  onOpen: (image: number, attempt: number) => void,
): void {
  const [table, more, count] = [byId('images'), byId<HTMLButtonElement>('more-images'), byId('images-count')];
  let shown = 0;

  table.addEventListener('click', (event) => {
    const button = (event.target as Element).closest('button');
    if (button !== null) onOpen(Number(button.dataset['image']), Number(button.dataset['attempt']));
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
  const rows = image.attempts.map((attempt, number) =>
    make('tr', {}, number === 0 ? nameCell(image) : undefined, ...attemptCells(index, number, image, attempt)),
  );
  if (rows.length === 0)
    rows.push(make('tr', {}, nameCell(image), make('td', {}, '-'), outcomeCell(image.outcome), ...blanks(6)));
  return make('tbody', {}, ...rows);
}

function nameCell(image: ImageData): HTMLElement {
  return make('th', { scope: 'rowgroup', rowspan: String(Math.max(1, image.attempts.length)) }, image.name);
}

function attemptCells(index: number, number: number, image: ImageData, attempt: AttemptData): HTMLElement[] {
  const wait = image.waits.find(({ until }) => until === attempt.from);
  const usage = (name: string) => attempt.usage.find((fact) => fact.name === name)?.value ?? '-';
  const label = `Details of ${image.name}, attempt ${attempt.number}`;
  const attributes = { type: 'button', 'data-image': String(index), 'data-attempt': String(number) };
  return [
    figure(String(attempt.number)),
    outcomeCell(attempt.outcome),
    figure(clock(attempt.from)),
    figure(formatDuration(attempt.until - attempt.from)),
    figure(wait === undefined ? '-' : formatDuration(wait.until - wait.from)),
    figure(`${usage('User CPU')} / ${usage('System CPU')}`),
    figure(usage('Peak RSS')),
    make('td', {}, make('button', { ...attributes, 'aria-label': label }, 'Details')),
  ];
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
