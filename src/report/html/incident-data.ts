import type { IncidentReport, RunReport } from '../../journal/run-report.js';
import { formatDuration } from '../figures.js';
import { oneLine } from '../plain-text.js';
import type { IncidentData } from './report-data.js';

const SENTENCE = 500;
const MOST = 50;

/** What the report shows of a death of the engine; times from the run's start on. */
export function incidentData(incident: IncidentReport, report: RunReport): IncidentData {
  const since = (at: number) => at - report.startedAt;
  return {
    number: incident.number,
    from: since(incident.openedAt),
    until: since(Math.max(incident.openedAt, incident.closedAt ?? report.endedAt)),
    ending: ending(incident),
    evidence: incident.evidence.slice(0, MOST).map((sentence) => oneLine(sentence, SENTENCE)),
    inFlight: incident.inFlight.map((name) => oneLine(name, 200)),
    recoveries: incident.recoveries.slice(0, MOST).map(recovery),
  };
}

function ending({ openedAt, closedAt, answered, said }: IncidentReport): string {
  if (closedAt === undefined) return 'Whether the engine answered again is not known: the journal ends first.';
  const took = formatDuration(closedAt - openedAt);
  if (answered) return `The engine answered again ${took} later.`;
  return `The engine did not answer within ${took}${said ? `; it said: ${oneLine(said, SENTENCE)}` : '.'}`;
}

function recovery({ command, code, said }: IncidentReport['recoveries'][number]): string {
  const how = code === undefined ? 'did not end' : code === 0 ? 'succeeded' : `exit code ${code}`;
  return `${oneLine(command, SENTENCE)}: ${how}${said === '' ? '' : `; it said: ${oneLine(said, SENTENCE)}`}`;
}
