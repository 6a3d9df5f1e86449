import type { ReportData } from '../src/report/html/report-data.js';
import { type Charts, createCharts } from './charts.js';
import { describe } from './describe.js';
import { createDetails } from './details.js';
import { byId } from './elements.js';
import { showHead } from './head.js';
import { createImagesTable } from './images-table.js';
import { showIncidents } from './incidents.js';
import { watchKeys } from './keys.js';
import { layoutFor } from './layout.js';
import type { Row } from './rows.js';
import { createState } from './state.js';
import type { Target } from './target.js';
import { onThemeChange } from './theme.js';
import { createTimeline } from './timeline.js';
import { announce, createToolbar } from './toolbar.js';

const data = JSON.parse(byId('report-data').textContent ?? '') as ReportData;
showReport();

function showReport(): void {
  const state = createState(data);
  const details = createDetails(data);
  showHead(data);
  createToolbar(data, state);
  createImagesTable(data, state, details);
  showIncidents(data, state, () => byId('timeline').focus());

  let charts: Charts | undefined;
  const timeline = createTimeline(data, state, {
    onOpen: open,
    onPoint: (at) => charts?.point(at),
    onLayout: (layout) => charts?.layOut(layout),
  });
  const pointed = (at: number | undefined) => {
    timeline.point(at);
    charts?.point(at);
  };
  charts = createCharts(data, state, pointed, layoutFor(byId('timeline').clientWidth));
  watchKeys(state, {
    activeRow: timeline.activeRow,
    activate(index) {
      timeline.activate(index);
      const row = state.rows()[index];
      if (row !== undefined) announce(describe(targetOf(row), data).join('. '));
    },
    open(index) {
      const row = state.rows()[index];
      if (row !== undefined) details.openAttempt(row.image, row.attempt ?? lastAttempt(row.image));
    },
  });
  onThemeChange(() => {
    timeline.draw();
    charts?.draw();
  });
  document.documentElement.dataset['ready'] = 'true';

  function open(target: Target): void {
    if (target.kind === 'attempt') details.openAttempt(target.image, target.attempt);
    if (target.kind === 'hand-off') details.openHandOff(target.image, target.handOff);
    if (target.kind === 'incident') details.openIncident(target.incident);
  }
}

function targetOf({ image, attempt }: Row): Target {
  return attempt === undefined ? { kind: 'name', image } : { kind: 'attempt', image, attempt };
}

function lastAttempt(image: number): number {
  return (data.images[image]?.attempts.length ?? 0) - 1;
}
