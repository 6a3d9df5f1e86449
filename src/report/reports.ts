import type { RunReport } from '../journal/run-report.js';
import { renderJson } from './json.js';
import { renderJunit } from './junit.js';
import { renderSummary } from './summary.js';
import { renderTrace } from './trace.js';

/** Every file that is made of a run's journal, by its name in the report folder. */
export const REPORTS: Record<string, (report: RunReport) => string | Promise<string>> = {
  'report.json': renderJson,
  'summary.md': renderSummary,
  'trace.json': renderTrace,
  'junit.xml': renderJunit,
};
