import type { ReportData } from '../src/report/html/report-data.js';
import { describe } from './describe.js';
import { drawHead, headOf } from './draw-head.js';
import { drawRows, ROW_HEIGHT } from './draw-rows.js';
import { createTextDrawer } from './draw-text.js';
import { byId, sizeCanvas } from './elements.js';
import { type Layout, layoutFor, pixelOf, timeAt } from './layout.js';
import { watchPointer } from './pointer.js';
import type { State } from './state.js';
import { incidentAt, indexAt, rowTarget, type Target } from './target.js';
import { readTheme, type Theme } from './theme.js';
import { createTooltip } from './tooltip.js';

/** What the timeline tells the rest of the page. */
export interface TimelineEvents {
  /** An attempt or an incident was chosen. */
  onOpen(target: Target): void;
  /** The pointer is at this time; undefined when it has left. */
  onPoint(at: number | undefined): void;
  onLayout(layout: Layout): void;
}

export interface Timeline {
  /** Draws anew, as after a change of theme. */
  draw(): void;
  /** Shows where the pointer is in a chart. */
  point(at: number | undefined): void;
  activeRow(): number | undefined;
  activate(row: number): void;
}

/** The timeline: a head that stays, rows that scroll, both drawn on canvases as large as what is in sight. */
export function createTimeline(data: ReportData, state: State, events: TimelineEvents): Timeline {
  const [frame, scroller, spacer] = [byId('timeline-frame'), byId('timeline'), byId('timeline-space')];
  const [headCanvas, rowsCanvas] = [byId<HTMLCanvasElement>('timeline-head'), byId<HTMLCanvasElement>('timeline-rows')];
  const cursor = byId('timeline-cursor');
  const head = headOf(data.incidents.length);
  const textOn = createTextDrawer();
  const tooltip = createTooltip();
  let layout = layoutFor(scroller.clientWidth);
  let theme: Theme = readTheme();
  let active: number | undefined;
  let asked = false;

  const timeline: Timeline = {
    draw() {
      theme = readTheme();
      resize();
    },
    point,
    activeRow: () => active,
    activate(row) {
      active = row;
      const y = row * ROW_HEIGHT;
      if (y < scroller.scrollTop) scroller.scrollTop = y;
      const beyond = y + ROW_HEIGHT - scroller.clientHeight;
      if (beyond > scroller.scrollTop) scroller.scrollTop = beyond;
      drawSoon();
    },
  };

  scroller.addEventListener('scroll', drawSoon, { passive: true });
  state.onSpan(drawSoon);
  state.onRows(() => {
    active = undefined;
    resize();
  });
  new ResizeObserver(resize).observe(frame);
  watchPointer(frame, state, {
    layout: () => layout,
    onHover(x, y, event) {
      const target = targetAt(x, y);
      point(x < layout.gutter ? undefined : timeAt(x, state.span(), layout));
      events.onPoint(x < layout.gutter ? undefined : timeAt(x, state.span(), layout));
      frame.classList.toggle('pointing', target !== undefined);
      const lines = target === undefined ? [] : describe(target, data);
      if (lines.length > 0) tooltip.show(lines, event.clientX, event.clientY);
      else tooltip.hide();
    },
    onLeave() {
      tooltip.hide();
      point(undefined);
      events.onPoint(undefined);
    },
    onClick(x, y) {
      const target = targetAt(x, y);
      if (target?.kind === 'name') state.toggle(target.image);
      else if (target !== undefined) events.onOpen(target);
    },
  });
  resize();
  return timeline;

  function point(at: number | undefined): void {
    const { from, until } = state.span();
    cursor.hidden = at === undefined || at < from || at > until;
    if (at !== undefined) cursor.style.transform = `translateX(${pixelOf(at, state.span(), layout)}px)`;
  }

  function targetAt(x: number, y: number): Target | undefined {
    const view = { data, span: state.span(), layout };
    if (y < head.height) {
      const incident = x < layout.gutter ? undefined : incidentAt(x, view, y < head.laneTop ? 24 : 4);
      if (incident !== undefined) return { kind: 'incident', incident };
      const lane = x < layout.gutter || y < head.laneTop ? undefined : indexAt(data.lanes, x, view);
      return lane === undefined ? undefined : { kind: 'lane', lane };
    }
    const row = state.rows()[Math.floor((y - head.height + scroller.scrollTop) / ROW_HEIGHT)];
    const incident = x < layout.gutter ? undefined : incidentAt(x, view, 2);
    if (incident !== undefined) return { kind: 'incident', incident };
    return row === undefined ? undefined : rowTarget(row, x, view);
  }

  function resize(): void {
    spacer.style.height = `${Math.max(1, state.rows().length) * ROW_HEIGHT}px`;
    layout = layoutFor(scroller.clientWidth);
    events.onLayout(layout);
    drawSoon();
  }

  /** However many changes there are, a frame is drawn once. */
  function drawSoon(): void {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      draw();
    });
  }

  function draw(): void {
    const width = scroller.clientWidth;
    const shared = { data, span: state.span(), layout, theme };
    const headContext = sizeCanvas(headCanvas, width, head.height);
    drawHead({ ...shared, context: headContext, text: textOn(headContext), height: head.height }, head);
    const height = scroller.clientHeight;
    const context = sizeCanvas(rowsCanvas, width, height);
    drawRows(
      { ...shared, context, text: textOn(context), height },
      {
        rows: state.rows(),
        top: scroller.scrollTop,
        isOpen: state.isOpen,
        ...(active === undefined ? {} : { active }),
      },
    );
  }
}
