import type { AttemptReport, ImageReport, RunReport } from '../journal/run-report.js';
import { formatDuration, plural } from './figures.js';
import { createUniqueNames, mermaidName } from './mermaid-text.js';
import { attemptOutcome } from './outcome.js';
import { attemptMs, imageMs, runMs } from './wall-time.js';

/** Beyond these a diagram is no longer legible, nor within the 50,000 characters that GitHub draws. */
const MOST_IMAGES = 60;
const MOST_ATTEMPTS = 10;
const MOST_INCIDENTS = 50;
const MOST_LANES = 50;
const MOST_NAME = 40;

const HOUR_MS = 3_600_000;
const CHARACTER_PIXELS = 7;

/**
 * The run as a mermaid gantt diagram (https://mermaid.js.org/syntax/gantt.html): a section for each image with its
 * attempts, one for the incidents and one for the lane, over the time since the start.
 */
export function renderTimeline(report: RunReport): string {
  const images = imagesToShow(report);
  const unique = createUniqueNames();
  // Ours first, so that an image of that name gets the number.
  const [incidents, lane] = [unique('Incidents'), unique('Lane')];
  const sections = images.map((image) => ({ name: unique(sectionName(image)), bars: attemptBars(image, report) }));
  sections.push({ name: incidents, bars: incidentBars(report) }, { name: lane, bars: laneBars(report) });
  const drawn = sections.filter(({ bars }) => bars.length > 0);
  const padding = 20 + CHARACTER_PIXELS * Math.max(...drawn.map(({ name }) => name.length));
  return [
    `%%{init: {"gantt": {"leftPadding": ${padding}}}}%%`,
    'gantt',
    `  title ${title(report, images.length)}`,
    '  dateFormat x',
    `  axisFormat ${runMs(report) < HOUR_MS ? '%M:%S' : '%s s'}`,
    '  todayMarker off',
    ...drawn.flatMap(({ name, bars }) => [`  section ${name}`, ...bars]),
    '',
  ].join('\n');
}

/** The axis holds times of 1970, which a reader's zone would shift by hours: minutes are right, and so are seconds. */
function title(report: RunReport, shown: number): string {
  const unit = runMs(report) < HOUR_MS ? 'minutes and seconds' : 'seconds';
  const started = report.images.filter((image) => image.attempts.length > 0).length;
  if (shown === started) return `Time since the start in ${unit}`;
  return `Time since the start in ${unit}, ${shown} of ${plural(started, 'image')} - failed, retried and longest, ${started - shown} left out`;
}

/** Every image that had an attempt; when they are too many, those that say most, in their own order. */
function imagesToShow(report: RunReport): ImageReport[] {
  const started = report.images.filter((image) => image.attempts.length > 0);
  if (started.length <= MOST_IMAGES) return started;
  const ranked = started
    .map((image) => ({ image, rank: rank(image), ms: imageMs(image, report) }))
    .sort((a, b) => a.rank - b.rank || b.ms - a.ms);
  const chosen = new Set(ranked.slice(0, MOST_IMAGES).map(({ image }) => image));
  return started.filter((image) => chosen.has(image));
}

function rank(image: ImageReport): number {
  if (image.result !== 'success') return 0;
  return image.attempts.length > 1 ? 1 : 2;
}

function sectionName(image: ImageReport): string {
  const earlier = image.attempts.length - MOST_ATTEMPTS;
  const name = mermaidName(image.name, MOST_NAME);
  return earlier > 0 ? `${name} (${plural(earlier, 'attempt')} earlier)` : name;
}

function attemptBars(image: ImageReport, report: RunReport): string[] {
  return image.attempts.slice(-MOST_ATTEMPTS).map((attempt) => {
    const took = formatDuration(attemptMs(attempt, report));
    const { tag, says } = attemptLook(attempt, took);
    return bar(report, `attempt ${attempt.number} ${says}`, tag, attempt.startedAt, attempt.endedAt ?? report.endedAt);
  });
}

function attemptLook(attempt: AttemptReport, took: string): { tag: string; says: string } {
  const outcome = attemptOutcome(attempt);
  switch (outcome) {
    case 'success':
      return { tag: 'done, ', says: `built in ${took}` };
    case 'unfinished':
      return { tag: 'active, ', says: `unfinished after ${took}` };
    case 'cancelled':
      return { tag: '', says: `cancelled after ${took}` };
    default:
      return { tag: 'crit, ', says: `${mermaidName(outcome, MOST_NAME)} after ${took}` };
  }
}

function incidentBars(report: RunReport): string[] {
  const shown = report.incidents.slice(0, MOST_INCIDENTS);
  return shown.flatMap((incident) => {
    const until = incident.closedAt ?? report.endedAt;
    const recovery = incident.answered ? 'back after' : 'no answer for';
    const took = formatDuration(until - incident.openedAt);
    return [
      bar(report, `incident ${incident.number}`, 'milestone, crit, ', incident.openedAt, incident.openedAt),
      bar(report, `engine ${incident.number} ${recovery} ${took}`, 'active, ', incident.openedAt, until),
    ];
  });
}

const LANE_TAGS = { parallel: 'done, ', reduced: 'active, ', serial: 'crit, ' } as const;

function laneBars(report: RunReport): string[] {
  return report.lanes.slice(0, MOST_LANES).map(({ at, lane, mode }, index) => {
    const until = report.lanes[index + 1]?.at ?? report.endedAt;
    return bar(report, `at most ${lane} (${mermaidName(mode, MOST_NAME)})`, LANE_TAGS[mode] ?? '', at, until);
  });
}

/** A bar at least a millisecond long, so that a diagram of an instant still has an axis; a milestone has no length. */
function bar(report: RunReport, says: string, tag: string, from: number, until: number): string {
  const start = Math.max(0, Math.round(from - report.startedAt));
  const shortest = tag.startsWith('milestone') ? start : start + 1;
  return `    ${says} :${tag}${start}, ${Math.max(shortest, Math.round(until - report.startedAt))}`;
}
