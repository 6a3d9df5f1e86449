import { formatDuration } from '../src/report/figures.js';
import type { ReportData } from '../src/report/html/report-data.js';
import { clock } from './describe.js';
import { byId, make } from './elements.js';
import { createMoves } from './keys.js';
import { outcomeMark } from './outcomes.js';
import type { State } from './state.js';
import { outcomeClass } from './theme.js';

/** Typing is over when nothing came for so long; filtering a thousand images at every letter would be felt. */
const TYPING_MS = 120;
/** Zooming goes on while a key is held: it is told when it ends. */
const QUIET_MS = 400;

/** The buttons and fields over the timeline, its legend, and what a screen reader is told of changes. */
export function createToolbar(data: ReportData, state: State): void {
  const moves = createMoves(state);
  for (const [name, move] of Object.entries(moves)) byId(`move-${name}`).addEventListener('click', move);

  const [name, outcome, order] = [
    byId<HTMLInputElement>('filter-name'),
    byId<HTMLSelectElement>('filter-outcome'),
    byId<HTMLSelectElement>('order'),
  ];
  const outcomes = [...new Set(data.images.map((image) => image.outcome))].sort();
  outcome.append(...outcomes.map((value) => make('option', { value }, value)));
  order.value = state.choice().order;
  const typed = later(TYPING_MS, () => state.choose({ name: name.value }));
  name.addEventListener('input', typed);
  outcome.addEventListener('change', () => state.choose({ outcome: outcome.value }));
  order.addEventListener('change', () => state.choose({ order: order.value }));

  const shown = byId('span');
  const tell = later(QUIET_MS, () => announce(shown.textContent ?? ''));
  const showSpan = () => {
    const { from, until } = state.span();
    shown.textContent = `${clock(from)} to ${clock(until)} (${formatDuration(until - from)})`;
  };
  state.onSpan(() => {
    showSpan();
    tell();
  });
  state.onRows(() => announce(`${state.images().length} of ${data.images.length} images`));
  showSpan();
  showLegend(data);
}

/** Tells a screen reader what changed on a canvas. */
export function announce(text: string): void {
  byId('status').textContent = text;
}

function showLegend(data: ReportData): void {
  const present = new Set(data.images.flatMap(({ attempts }) => attempts.map(({ outcome }) => outcome)));
  const entries = [...present].map((outcome) =>
    make('li', { class: outcomeClass(outcome) }, make('i', { 'aria-hidden': 'true' }, outcomeMark(outcome)), outcome),
  );
  if (data.images.some(({ handOffs }) => handOffs.length > 0))
    entries.push(make('li', { class: 'handing' }, make('i', { 'aria-hidden': 'true' }, '→'), 'hand-off'));
  entries.push(make('li', { class: 'waiting' }, make('i', { 'aria-hidden': 'true' }), 'waiting'));
  if (data.incidents.length > 0)
    entries.push(make('li', { class: 'dead' }, make('i', { 'aria-hidden': 'true' }), 'incident, engine dead'));
  byId('timeline-legend').append(...entries);
}

function later(ms: number, act: () => void): () => void {
  let timer: number | undefined;
  return () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(act, ms);
  };
}
