import type { RunReport } from '../journal/run-report.js';
import { renderFailedAttempts } from './failed-attempts-section.js';
import { plural } from './figures.js';
import { renderHandOffs } from './hand-offs-section.js';
import { renderHeadline } from './headline.js';
import { renderImages } from './images-section.js';
import { code, fence, text } from './markdown.js';
import { renderResources } from './resources-section.js';
import { byteLength, fitting } from './space.js';
import { renderTimeline } from './timeline.js';
import { renderTriage } from './triage/triage-section.js';

/**
 * What GitHub shows of a step: https://docs.github.com/actions/reference/workflow-commands-for-github-actions#job-summaries
 * (1 MiB; a longer summary is refused as a whole).
 */
export const SUMMARY_LIMIT_BYTES = 1024 * 1024;

/** The longest that each section's list may be; with the timeline they leave the failed attempts a quarter at least. */
const MOST_BYTES = {
  headline: 32_000,
  images: 200_000,
  handOffs: 60_000,
  triage: 160_000,
  warnings: 32_000,
  attempts: 160_000,
} as const;
/** Headings, notes and the lines around the lists of failed attempts. */
const RESERVE_BYTES = 4_096;

/**
 * The job summary of a run as GitHub's markdown, at most 1 MiB in UTF-8 whatever the run was. Each section drops its last
 * rows when it would be too long, and says how many; the logs of failed attempts get what the others leave.
 */
export function renderSummary(report: RunReport): string {
  const above = [
    renderHeadline(report, MOST_BYTES.headline),
    renderTriage(report, MOST_BYTES.triage),
    `### Timeline\n\n${fence(renderTimeline(report).trimEnd(), 'mermaid')}\n`,
    renderImages(report, MOST_BYTES.images),
    renderHandOffs(report, MOST_BYTES.handOffs),
    renderResources(report, MOST_BYTES.attempts),
    renderWarnings(report, MOST_BYTES.warnings),
  ].join('');
  const foot = `Everything is in ${code('report.json')}, the logs beside it, in ${code(report.folder, 500)}.\n`;
  const space = SUMMARY_LIMIT_BYTES - RESERVE_BYTES - byteLength(above) - byteLength(foot);
  return `${above}${renderFailedAttempts(report, space)}${foot}`;
}

function renderWarnings(report: RunReport, mostBytes: number): string {
  if (report.warnings.length === 0) return '';
  const { text: lines, left } = fitting(report.warnings, mostBytes, (warning) => `- ${text(warning, 500)}\n`);
  const note = left > 0 ? `- ${plural(left, 'warning')} left out for lack of space\n` : '';
  return `### Warnings\n\n${lines}${note}\n`;
}
