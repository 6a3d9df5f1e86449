import { formatDuration } from '../src/report/figures.js';
import type { IncidentData, ReportData } from '../src/report/html/report-data.js';
import { clock } from './describe.js';
import { byId, facts, make } from './elements.js';
import type { State } from './state.js';

const MOST_NAMES = 30;
const MOST_LISTED = 100;
/** Around an incident that is shown there is to be seen what led to it, and what followed. */
const AROUND_MS = 5_000;

/** Lists the incidents; each can be shown in the timeline. */
export function showIncidents(data: ReportData, state: State, onShow: () => void): void {
  const section = byId('incidents');
  section.hidden = data.incidents.length === 0 && data.cleanUps.length === 0;
  const list = byId('incidents-list');
  for (const incident of data.incidents.slice(0, MOST_LISTED)) {
    const button = make('button', { type: 'button' }, `Show incident ${incident.number} in the timeline`);
    button.addEventListener('click', () => {
      const around = Math.max(AROUND_MS, incident.until - incident.from);
      state.show({ from: incident.from - around, until: incident.until + around });
      onShow();
    });
    list.append(make('article', { class: 'incident' }, incidentPart(incident, data, 'h3'), make('p', {}, button)));
  }
  const left = data.incidents.length - MOST_LISTED;
  if (left > 0) list.append(make('p', {}, `${left} more are in report.json.`));
  const atEnd = data.cleanUps.filter(({ incident }) => incident === undefined);
  if (atEnd.length > 0)
    list.append(make('p', {}, ...atEnd.map(({ at, text }) => `Clean-up at ${clock(at)}: ${text} `)));
}

/** An incident with how it is known, what was in flight, and what was done. */
export function incidentPart(incident: IncidentData, data: ReportData, heading: 'h2' | 'h3'): HTMLElement {
  const { number, from, until, evidence, inFlight, recoveries, ending } = incident;
  const names = inFlight.slice(0, MOST_NAMES).join(', ') || 'nothing';
  const cleanUps = data.cleanUps.filter((cleanUp) => cleanUp.incident === number);
  return make(
    'div',
    {},
    make(heading, {}, `Incident ${number}`),
    facts([
      { name: 'The engine died', value: clock(from) },
      { name: 'Dead for', value: formatDuration(until - from) },
      {
        name: 'In flight',
        value: inFlight.length > MOST_NAMES ? `${names} and ${inFlight.length - MOST_NAMES} more` : names,
      },
    ]),
    make(
      'ul',
      {},
      ...evidence.map((line) => make('li', {}, `Evidence: ${line}`)),
      ...recoveries.map((line) => make('li', {}, `Recovery: ${line}`)),
      ...cleanUps.map(({ at, text }) => make('li', {}, `Clean-up at ${clock(at)}: ${text}`)),
      make('li', {}, ending),
    ),
  );
}
