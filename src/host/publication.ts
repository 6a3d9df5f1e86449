import type { RunReport } from '../journal/run-report.js';
import { annotationsOf, stepError } from '../report/annotations.js';
import { withFailingLines } from '../report/failing-lines.js';
import { text } from '../report/markdown.js';
import { outputsOf } from '../report/outputs.js';
import { containerfileReader } from './containerfile.js';
import { CancelledError } from './engine-search.js';
import { writeReports } from './report-files.js';
import { addSummary, failStep, setOutputs, workspace } from './runner.js';
import { showError, showWarning } from './step-log.js';

/** Where the reports of a run go. */
export interface Destination {
  write(name: string, text: string): void;
  /** Whether the job summary is wanted. */
  summary: boolean;
  /** Whether each failed image is to be an error at its Containerfile. */
  annotations: boolean;
  /** Whether a run without success fails the step. */
  fails: boolean;
}

/**
 * Writes the reports, of which one that cannot be written is a warning, and sets the outputs, and only then fails the step
 * if an image has no success.
 */
export async function publish(run: RunReport, destination: Destination): Promise<void> {
  const report = await withFailingLines(run, containerfileReader(workspace()));
  const summary = await writeReports(report, destination.write, showWarning);
  setOutputs(outputsOf(report));
  if (destination.summary) await addSummary(summary);
  const annotations = destination.annotations ? annotationsOf(report) : [];
  for (const { title, message, ...place } of annotations) showError(title, message, place);
  if (destination.fails && report.result !== 'success') failStep(stepError(report, annotations.length));
}

/** Fails the step of a run that came to no report: bad inputs, no engine, cancelled before it began, or a bug. */
export async function failRun(error: unknown): Promise<void> {
  const message = error instanceof Error ? error.message : String(error);
  const cancelled = error instanceof CancelledError;
  setOutputs({ result: cancelled ? 'cancelled' : 'failure' });
  if (cancelled) await addSummary(`## Cancelled\n\nNothing was built: ${text(message)}.\n`);
  failStep(message);
}
