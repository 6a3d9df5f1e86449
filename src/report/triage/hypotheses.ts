import type { IncidentReport, RunReport } from '../../journal/run-report.js';
import {
  type Cause,
  connection,
  disk,
  engineBug,
  type Finding,
  fileDescriptors,
  hugeContext,
  memory,
  oomKill,
  outside,
  overload,
  type Weighed,
} from './causes.js';
import type { StateAtDeath } from './state-at-death.js';

export type Likelihood = 'likely' | 'possible' | 'unlikely' | 'not known';

export interface Hypothesis {
  cause: Cause;
  likelihood: Likelihood;
  /** Sentences, each a measurement. */
  for: string[];
  against: string[];
}

const ORDER: Likelihood[] = ['likely', 'possible', 'not known', 'unlikely'];

/** What may have ended the engine, the most likely first, each with the measurements for and against it. */
export function weighHypotheses(report: RunReport, incident: IncidentReport, state: StateAtDeath): Hypothesis[] {
  const measured = [
    oomKill(state),
    memory(report, state),
    overload(report, state),
    disk(state),
    fileDescriptors(state),
    hugeContext(state),
    connection(report, incident, state),
    outside(report, incident),
  ].map(judge);
  const explained = measured.some(({ likelihood }) => likelihood === 'likely');
  const all = [...measured, judge(engineBug(report, incident, explained))];
  return all.sort((a, b) => ORDER.indexOf(a.likelihood) - ORDER.indexOf(b.likelihood));
}

function judge({ cause, for: yes, against: no }: Weighed): Hypothesis {
  const weight = (findings: Finding[]) => findings.reduce((sum, finding) => sum + finding.weight, 0);
  const balance = weight(yes) - weight(no);
  const likelihood: Likelihood =
    yes.length === 0 && no.length === 0
      ? 'not known'
      : balance >= 3
        ? 'likely'
        : balance >= 1
          ? 'possible'
          : 'unlikely';
  return { cause, likelihood, for: yes.map(({ says }) => says), against: no.map(({ says }) => says) };
}
