import type { AttemptReport, RunReport, StepReport } from '../journal/run-report.js';

export interface StepSpan extends StepReport {
  until: number;
}

/** The steps of an attempt with their ends, all within the attempt: one ends where the next begins. */
export function stepSpans(attempt: AttemptReport, report: RunReport): StepSpan[] {
  const end = Math.max(attempt.startedAt, attempt.endedAt ?? report.endedAt);
  const within = (at: number) => Math.min(end, Math.max(attempt.startedAt, at));
  const steps = attempt.steps.map((step) => ({ ...step, at: within(step.at) })).sort((a, b) => a.at - b.at);
  return steps.map((step, index) => ({ ...step, until: steps[index + 1]?.at ?? end }));
}
