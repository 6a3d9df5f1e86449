import { byId } from './elements.js';
import { panned, zoomed } from './span.js';
import type { State } from './state.js';

export interface Keys {
  activeRow(): number | undefined;
  activate(row: number): void;
  open(row: number): void;
}

const ZOOM = 0.5;
const PAN = 0.25;

/** The span's moves by name, for buttons and keys alike. */
export function createMoves(state: State): Record<'in' | 'out' | 'left' | 'right' | 'whole', () => void> {
  const middle = () => (state.span().from + state.span().until) / 2;
  return {
    in: () => state.show(zoomed(state.span(), ZOOM, middle(), state.whole)),
    out: () => state.show(zoomed(state.span(), 1 / ZOOM, middle(), state.whole)),
    left: () => state.show(panned(state.span(), -PAN, state.whole)),
    right: () => state.show(panned(state.span(), PAN, state.whole)),
    whole: () => state.show(state.whole),
  };
}

/** The timeline by keyboard: arrows move in time and between rows, plus and minus zoom, Enter and Space open. */
export function watchKeys(state: State, keys: Keys): void {
  const moves = createMoves(state);
  const acts: Record<string, () => void> = {
    '+': moves.in,
    '=': moves.in,
    '-': moves.out,
    '0': moves.whole,
    ArrowLeft: moves.left,
    ArrowRight: moves.right,
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    PageDown: () => step(10),
    PageUp: () => step(-10),
    Home: () => step(Number.NEGATIVE_INFINITY),
    End: () => step(Number.POSITIVE_INFINITY),
    Enter: () => withActive(keys.open),
    ' ': () => withActive(toggle),
  };
  const timeline = byId('timeline');
  timeline.tabIndex = 0;
  timeline.addEventListener('keydown', (event) => {
    const act = acts[event.key];
    if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  });

  function step(by: number): void {
    const last = state.rows().length - 1;
    if (last < 0) return;
    const now = keys.activeRow();
    keys.activate(now === undefined ? (by > 1 ? last : 0) : Math.min(last, Math.max(0, now + by)));
  }

  function toggle(row: number): void {
    const image = state.rows()[row]?.image;
    if (image === undefined) return;
    state.toggle(image);
    // Closing an image may have taken rows above away.
    keys.activate(state.rows().findIndex((each) => each.image === image));
  }

  function withActive(act: (row: number) => void): void {
    const row = keys.activeRow();
    if (row !== undefined) act(row);
  }
}
