import type { RunReport } from '../journal/run-report.js';
import { annotationsOf, stepError } from '../report/annotations.js';
import { withFailingLines } from '../report/failing-lines.js';
import { outputsOf } from '../report/outputs.js';
import { containerfileReader } from './containerfile.js';
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
  if (report.result !== 'success') failStep(stepError(report, annotations.length));
}
