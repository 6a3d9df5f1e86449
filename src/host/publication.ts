import type { RunReport } from '../journal/run-report.js';
import { annotationsOf, stepError } from '../report/annotations.js';
import { withFailingLines } from '../report/failing-lines.js';
import { renderJson } from '../report/json.js';
import { outputsOf } from '../report/outputs.js';
import { renderSummary } from '../report/summary.js';
import { containerfileReader } from './containerfile.js';
import { addSummary, failStep, setOutputs, workspace } from './runner.js';
import { showError } from './step-log.js';

/** Where the reports of a run go. */
export interface Destination {
  write(name: string, text: string): void;
  /** Whether the job summary is wanted. */
  summary: boolean;
  /** Whether each failed image is to be an error at its Containerfile. */
  annotations: boolean;
}

/** Writes the reports and sets the outputs, and only then fails the step if an image has no success. */
export async function publish(run: RunReport, destination: Destination): Promise<void> {
  const report = await withFailingLines(run, containerfileReader(workspace()));
  const summary = renderSummary(report);
  destination.write('report.json', renderJson(report));
  destination.write('summary.md', summary);
  setOutputs(outputsOf(report));
  if (destination.summary) await addSummary(summary);
  const annotations = destination.annotations ? annotationsOf(report) : [];
  for (const { title, message, ...place } of annotations) showError(title, message, place);
  if (report.result !== 'success') failStep(stepError(report, annotations.length));
}
