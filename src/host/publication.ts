import type { RunReport } from '../journal/run-report.js';
import { failureLines } from '../report/failure.js';
import { renderJson } from '../report/json.js';
import { outputsOf } from '../report/outputs.js';
import { renderSummary } from '../report/summary.js';
import { addSummary, failStep, setOutputs } from './runner.js';
import { showError } from './step-log.js';

/** The runner keeps ten annotations of a step; the step's own error names every image anyway. */
const ANNOTATIONS = 9;

/** Where the reports of a run go. */
export interface Destination {
  write(name: string, text: string): void;
  /** Whether the job summary is wanted. */
  summary: boolean;
}

/** Writes the reports and sets the outputs, and only then fails the step if an image has no success. */
export async function publish(report: RunReport, destination: Destination): Promise<void> {
  const summary = renderSummary(report);
  destination.write('report.json', renderJson(report));
  destination.write('summary.md', summary);
  setOutputs(outputsOf(report));
  if (destination.summary) await addSummary(summary);
  const failures = failureLines(report);
  for (const { image, message } of failures.slice(0, ANNOTATIONS)) showError(image, message);
  if (report.result === 'success') return;
  const names = failures.map(({ message }) => message).join('\n');
  failStep(`${failures.length} of ${report.images.length} images were not built:\n${names}`);
}
