import { formatDuration, plural } from '../src/report/figures.js';
import type { AttemptData, ReportData } from '../src/report/html/report-data.js';
import { clock } from './describe.js';
import { byId, facts, make } from './elements.js';
import { incidentPart } from './incidents.js';
import { outcomeMark } from './outcomes.js';
import { outcomeClass } from './theme.js';

/** The panel at the side: one attempt, hand-off or incident with all that is known of it. */
export interface Details {
  openAttempt(image: number, attempt: number): void;
  openHandOff(image: number, handOff: number): void;
  openIncident(incident: number): void;
}

/** Creates the panel; Escape and its button close it, and bring the focus back to where it was opened from. */
export function createDetails(data: ReportData): Details {
  const [panel, content] = [byId('details'), byId('details-content')];
  let opener: HTMLElement | undefined;
  byId('close-details').addEventListener('click', close);
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !panel.hidden) close();
  });

  return {
    openAttempt(image, attempt) {
      const parts = attemptParts(image, attempt);
      if (parts !== undefined) open(parts);
    },
    openHandOff(image, handOff) {
      const parts = handOffParts(image, handOff);
      if (parts !== undefined) open(parts);
    },
    openIncident(incident) {
      const known = data.incidents[incident];
      if (known !== undefined) open([incidentPart(known, data, 'h2')]);
    },
  };

  function open(parts: Node[]): void {
    const before = document.activeElement;
    if (panel.hidden && before instanceof HTMLElement) opener = before;
    content.replaceChildren(...parts);
    panel.hidden = false;
    document.body.classList.add('with-details');
    const heading = content.querySelector('h2');
    heading?.setAttribute('tabindex', '-1');
    heading?.focus({ preventScroll: true });
    content.scrollTop = 0;
  }

  function close(): void {
    panel.hidden = true;
    document.body.classList.remove('with-details');
    opener?.focus({ preventScroll: true });
  }

  function attemptParts(imageIndex: number, index: number): Node[] | undefined {
    const image = data.images[imageIndex];
    const attempt = image?.attempts[index];
    if (image === undefined || attempt === undefined) return undefined;
    const mark = make('span', { 'aria-hidden': 'true' }, `${outcomeMark(attempt.outcome)} `);
    const before = image.attempts[index - 1]?.number;
    const waits = image.waits.filter(({ after }) => after === before);
    return [
      make('h2', {}, image.name),
      others(imageIndex, index),
      make('p', { class: outcomeClass(attempt.outcome) }, mark, `${attempt.outcome}: ${attempt.ending}`),
      facts([
        { name: 'From', value: clock(attempt.from) },
        { name: 'Until', value: clock(attempt.until) },
        { name: 'Duration', value: formatDuration(attempt.until - attempt.from) },
        ...waits.map(({ from, until, why }) => ({ name: 'Waited', value: `${formatDuration(until - from)} ${why}` })),
        ...(attempt.incident === undefined ? [] : [{ name: 'Incident', value: String(attempt.incident) }]),
        ...attempt.usage,
        ...(image.built !== undefined && index === image.attempts.length - 1
          ? [{ name: 'Built', value: image.built }]
          : []),
        ...(image.note === undefined ? [] : [{ name: 'Image', value: image.note }]),
        ...(image.tags === '' ? [] : [{ name: 'Tags', value: image.tags }]),
      ]),
      ...section('Last error line', attempt.line === undefined ? undefined : code(attempt.line)),
      ...section('Evidence', list(attempt.evidence)),
      ...section('Steps', steps(attempt)),
      ...section('Log', log(attempt)),
      ...section('Command', attempt.command === '' ? undefined : code(attempt.command)),
    ];
  }

  function handOffParts(imageIndex: number, index: number): Node[] | undefined {
    const image = data.images[imageIndex];
    const handOff = image?.handOffs[index];
    if (image === undefined || handOff === undefined) return undefined;
    const mark = make('span', { 'aria-hidden': 'true' }, `${outcomeMark(handOff.outcome)} `);
    return [
      make('h2', {}, `${image.name} → ${handOff.to}`),
      make('p', {}, `Hand-off, attempt ${handOff.number}`),
      make('p', { class: outcomeClass(handOff.outcome) }, mark, `${handOff.outcome}: ${handOff.said}`),
      facts([
        { name: 'From', value: clock(handOff.from) },
        { name: 'Until', value: clock(handOff.until) },
        { name: 'Duration', value: formatDuration(handOff.until - handOff.from) },
        ...handOff.facts,
        ...(image.built === undefined ? [] : [{ name: 'Image', value: image.built }]),
      ]),
      ...section('Last error line', handOff.line === undefined ? undefined : code(handOff.line)),
      ...section('Evidence', list(handOff.evidence)),
      ...section('Log', log(handOff)),
      ...section('Command', handOff.command === undefined ? undefined : code(handOff.command)),
    ];
  }

  function others(imageIndex: number, index: number): HTMLElement {
    const attempts = data.images[imageIndex]?.attempts ?? [];
    if (attempts.length === 1) return make('p', {}, 'Attempt 1 of 1');
    const buttons = attempts.map(({ number, outcome }, other) => {
      const current: Record<string, string> = other === index ? { 'aria-current': 'true' } : {};
      const button = make('button', { type: 'button', ...current }, `${outcomeMark(outcome)} ${number}`);
      button.setAttribute('aria-label', `Attempt ${number}: ${outcome}`);
      button.addEventListener('click', () => open(attemptParts(imageIndex, other) ?? []));
      return button;
    });
    return make('p', { class: 'attempts' }, 'Attempts: ', ...buttons);
  }
}

function section(title: string, content: HTMLElement | undefined): HTMLElement[] {
  return content === undefined ? [] : [make('h3', {}, title), content];
}

function code(text: string): HTMLElement {
  return make('p', { class: 'code' }, make('code', {}, text));
}

function list(lines: readonly string[]): HTMLElement | undefined {
  return lines.length === 0 ? undefined : make('ul', {}, ...lines.map((line) => make('li', {}, line)));
}

function steps({ steps: all }: AttemptData): HTMLElement | undefined {
  if (all.length === 0) return undefined;
  const head = [
    ...['Step', 'Instruction'].map((name) => make('th', { scope: 'col' }, name)),
    make('th', { scope: 'col', class: 'figure' }, 'Time'),
  ];
  const rows = all.map(({ step, text, cached, from, until }) =>
    make(
      'tr',
      {},
      make('td', {}, step),
      make('td', {}, make('code', {}, text)),
      make('td', { class: 'figure' }, cached ? 'cached' : formatDuration(until - from)),
    ),
  );
  return make('table', { class: 'steps' }, make('thead', {}, make('tr', {}, ...head)), make('tbody', {}, ...rows));
}

function log({
  log: file,
  tail,
  tailLeftOut,
}: Pick<AttemptData, 'log' | 'tail' | 'tailLeftOut'>): HTMLElement | undefined {
  if (file === undefined && tail === undefined) return undefined;
  // A file beside the report: it may not be there, when the report was sent alone.
  const link =
    file === undefined
      ? undefined
      : make('p', {}, make('a', { href: file.href, target: '_blank', rel: 'noreferrer' }, file.name));
  const said = tailLeftOut ? make('p', {}, 'The end of it was left out here for lack of space.') : undefined;
  const lines = tail?.split('\n').length ?? 0;
  const end =
    tail === undefined
      ? undefined
      : make(
          'pre',
          { tabindex: '0', role: 'region', 'aria-label': `The last ${plural(lines, 'line')} of output` },
          tail,
        );
  return make('div', {}, link, said, end);
}
