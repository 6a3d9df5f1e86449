import type { RunReport } from '../journal/run-report.js';
import { formatDuration, plural } from './figures.js';
import { createUniqueNames, mermaidName } from './mermaid-text.js';
import { bar } from './timeline-bar.js';
import { hasBars, imageSections, imagesToShow } from './timeline-images.js';
import { runMs } from './wall-time.js';

/** Beyond these a diagram is no longer legible, nor within the 50,000 characters that GitHub draws. */
const MOST_INCIDENTS = 50;
const MOST_LANES = 50;
/** Of each incident. */
const MOST_ACTS = 5;
const MOST_NAME = 40;

const HOUR_MS = 3_600_000;
const CHARACTER_PIXELS = 7;

/**
 * The run as a mermaid gantt diagram (https://mermaid.js.org/syntax/gantt.html): a section for each image with its waiting,
 * attempts and steps, or for each group of images where they are many; one for the incidents and one for the lane.
 */
export function renderTimeline(report: RunReport): string {
  const images = imagesToShow(report);
  const unique = createUniqueNames();
  // Ours first, so that an image of that name gets the number.
  const [incidents, lane] = [unique('Incidents'), unique('Lane')];
  const sections = imageSections(images, report).map(({ name, bars }) => ({ name: unique(name), bars }));
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
  const started = report.images.filter(hasBars).length;
  if (shown === started) return `Time since the start in ${unit}`;
  return `Time since the start in ${unit}, ${shown} of ${plural(started, 'image')} - failed, retried and longest, ${started - shown} left out`;
}

function incidentBars(report: RunReport): string[] {
  const shown = report.incidents.slice(0, MOST_INCIDENTS);
  return shown.flatMap((incident) => {
    const until = incident.closedAt ?? report.endedAt;
    const recovery = incident.answered ? 'back after' : 'no answer for';
    const took = formatDuration(until - incident.openedAt);
    const acts = incident.recoveries.slice(0, MOST_ACTS);
    return [
      bar(report, `incident ${incident.number}`, 'milestone, crit, ', incident.openedAt, incident.openedAt),
      ...acts.map(({ at }) => bar(report, `recovery ${incident.number}`, 'milestone, ', at, at)),
      bar(report, `engine ${incident.number} ${recovery} ${took}`, 'active, ', incident.openedAt, until),
    ];
  });
}

const LANE_TAGS = { parallel: 'done, ', reduced: 'active, ', serial: 'crit, ' } as const;

function laneBars(report: RunReport): string[] {
  const lanes = report.lanes.slice(0, MOST_LANES).map(({ at, lane, mode }, index) => {
    const until = report.lanes[index + 1]?.at ?? report.endedAt;
    return bar(report, `at most ${lane} (${mermaidName(mode, MOST_NAME)})`, LANE_TAGS[mode] ?? '', at, until);
  });
  const waits = report.sharedWaits
    .slice(0, MOST_LANES)
    .map(({ from, until, runs }) =>
      bar(report, `waits ${formatDuration(until - from)} for ${plural(runs, 'other run')}`, '', from, until),
    );
  return [...lanes, ...waits];
}
