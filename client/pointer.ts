import { byId } from './elements.js';
import { type Layout, timeAt } from './layout.js';
import { panned, zoomed } from './span.js';
import type { State } from './state.js';

/** What a pointer does over the timeline; pixels are from its upper left corner. */
export interface PointerEvents {
  layout(): Layout;
  onHover(x: number, y: number, event: PointerEvent): void;
  onLeave(): void;
  onClick(x: number, y: number): void;
}

/** Nearer than this to where it began, a drag is a click. */
const DRAG_PIXELS = 4;
const WHEEL_PER_DOUBLING = 240;

/** Dragging chooses a stretch to zoom to, the wheel with Ctrl zooms, and sideways it moves; all else scrolls the page. */
export function watchPointer(frame: HTMLElement, state: State, events: PointerEvents): void {
  const brush = byId('timeline-brush');
  let began: { x: number; y: number } | undefined;

  frame.addEventListener('pointerdown', (event) => {
    // Not on the scroll bar, and not with a finger, which scrolls.
    if (event.button !== 0 || event.pointerType === 'touch' || isOnScrollBar(event)) return;
    began = place(event);
  });
  window.addEventListener('pointermove', (event) => {
    if (began === undefined) return;
    const { x } = place(event);
    const dragging = Math.abs(x - began.x) >= DRAG_PIXELS && began.x >= events.layout().gutter;
    brush.hidden = !dragging;
    const left = Math.max(events.layout().gutter, Math.min(x, began.x));
    brush.style.left = `${left}px`;
    brush.style.width = `${Math.min(Math.max(x, began.x), right()) - left}px`;
  });
  window.addEventListener('pointerup', (event) => {
    if (began === undefined) return;
    const [from, until] = [began, place(event)];
    began = undefined;
    const dragged = !brush.hidden;
    brush.hidden = true;
    if (!dragged) return void (frame.contains(event.target as Node) && events.onClick(until.x, until.y));
    const times = [from.x, until.x].map((x) =>
      timeAt(Math.min(right(), Math.max(events.layout().gutter, x)), state.span(), events.layout()),
    );
    state.show({ from: Math.min(...times), until: Math.max(...times) });
  });
  frame.addEventListener('click', (event) => {
    // A finger's tap, and what assistive technology clicks, came without a pointerdown of ours.
    if ((event as PointerEvent).pointerType === 'touch') events.onClick(place(event).x, place(event).y);
  });
  frame.addEventListener('pointermove', (event) => {
    const { x, y } = place(event);
    if (brush.hidden) events.onHover(x, y, event);
  });
  frame.addEventListener('pointerleave', () => events.onLeave());
  frame.addEventListener('dblclick', () => state.show(state.whole));
  frame.addEventListener('wheel', wheel, { passive: false });

  function wheel(event: WheelEvent): void {
    const sideways = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const around = timeAt(place(event).x, state.span(), events.layout());
      state.show(zoomed(state.span(), 2 ** (event.deltaY / WHEEL_PER_DOUBLING), around, state.whole));
    } else if (Math.abs(sideways) > (event.shiftKey ? 0 : Math.abs(event.deltaY))) {
      event.preventDefault();
      state.show(panned(state.span(), sideways / events.layout().width, state.whole));
    }
  }

  function right(): number {
    return events.layout().gutter + events.layout().width;
  }

  function place(event: MouseEvent): { x: number; y: number } {
    const { left, top } = frame.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  function isOnScrollBar(event: MouseEvent): boolean {
    return place(event).x > right() + events.layout().right;
  }
}
