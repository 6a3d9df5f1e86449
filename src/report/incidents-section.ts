import type { CleanUpReport, IncidentReport, RunReport } from '../journal/run-report.js';
import { formatCleanUp } from './clean-up.js';
import { formatDuration, plural } from './figures.js';
import { code, text } from './markdown.js';
import { fitting } from './space.js';

const MOST_EVIDENCE = 8;
const MOST_IN_FLIGHT = 20;

/** Each death of the engine: when, how we know, what was in flight, when it answered again. Empty without incidents. */
export function renderIncidents(report: RunReport, mostBytes: number): string {
  if (report.incidents.length === 0) return '';
  const { text: parts, left } = fitting(report.incidents, mostBytes, (incident) => part(incident, report));
  const watch =
    report.watchedByPings === undefined
      ? ''
      : `The engine gave no events stream, so that pings watched it (it said: ${code(report.watchedByPings, 200)}).\n\n`;
  const note = left > 0 ? `${plural(left, 'incident')} left out for lack of space; report.json has all.\n\n` : '';
  const atEnd = report.cleanUps.filter((cleanUp) => cleanUp.incident === undefined).flatMap(cleaned);
  const end = atEnd.length === 0 ? '' : `**At the end**\n\n${atEnd.map((line) => `- ${line}\n`).join('')}\n`;
  return `### Incidents\n\n${watch}${parts}${end}${note}`;
}

function part(incident: IncidentReport, report: RunReport): string {
  const since = formatDuration(incident.openedAt - report.startedAt);
  const lines = [
    `The engine died ${since} after the start (${new Date(incident.openedAt).toISOString()}).`,
    `In flight: ${inFlight(incident.inFlight)}.`,
    ...incident.evidence.slice(0, MOST_EVIDENCE).map((sentence) => `Evidence: ${text(sentence)}`),
    ...incident.recoveries.slice(0, MOST_EVIDENCE).map(recovery),
    ending(incident),
    ...report.cleanUps.filter((cleanUp) => cleanUp.incident === incident.number).flatMap(cleaned),
  ];
  return `**Incident ${incident.number}**\n\n${lines.map((line) => `- ${line}\n`).join('')}\n`;
}

function recovery({ command, code: exit, said }: IncidentReport['recoveries'][number]): string {
  const how = exit === undefined ? 'did not end' : exit === 0 ? 'succeeded' : `exit code ${exit}`;
  return `Recovery: ${code(command, 300)}: ${how}${said === '' ? '' : `; it said: ${code(said, 300)}`}`;
}

function cleaned(cleanUp: CleanUpReport): string[] {
  const lines = cleanUp.removed.length === 0 ? [] : [`Cleaned up: ${formatCleanUp(cleanUp)}.`];
  return [...lines, ...cleanUp.left.slice(0, MOST_EVIDENCE).map((left) => `Left as it is: ${text(left, 300)}`)];
}

function inFlight(names: readonly string[]): string {
  if (names.length === 0) return 'nothing';
  const more = names.length - MOST_IN_FLIGHT;
  const shown = names.slice(0, MOST_IN_FLIGHT).map((name) => code(name, 100));
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function ending({ openedAt, closedAt, answered, said }: IncidentReport): string {
  if (closedAt === undefined) return 'Whether the engine answered again is not known: the journal ends first.';
  const took = formatDuration(closedAt - openedAt);
  if (answered) return `The engine answered again ${took} later.`;
  return `The engine did not answer within ${took}${said ? `; it said: ${code(said)}` : '.'}`;
}
