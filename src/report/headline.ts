import type { EngineFacts } from '../journal/events.js';
import type { RunReport } from '../journal/run-report.js';
import { decisiveLine, describeShortfall, shortfall, whatHappened } from './failure.js';
import { formatDuration, plural } from './figures.js';
import { isBuilt } from './hand-offs.js';
import { code, text } from './markdown.js';
import { imagesWithoutSuccess } from './outcome.js';
import { fitting } from './space.js';
import { runMs } from './wall-time.js';

/** Failed images named at the top; the table below has them all. */
const MOST_NAMED = 20;

/** What came of the run, the numbers that matter, and each image without success; at most so many bytes. */
export function renderHeadline(report: RunReport, mostBytes: number): string {
  return `## ${resultLine(report)}\n\n${numbers(report)}\n\n${interruption(report)}${failures(report, mostBytes)}`;
}

/** What came of the run, in one line: `Failure: 1 of 3 images not built`. */
export function resultLine(report: RunReport): string {
  const all = plural(report.images.length, 'image');
  const built = report.images.filter(isBuilt).length;
  const { handedOver } = shortfall(report);
  const lacking = handedOver > 0 ? `, ${handedOver} not handed over` : '';
  const restored = report.images.filter((image) => image.restored !== undefined).length;
  const done = report.loads ? 'loaded' : restored === 0 ? 'built' : `there, ${restored} of them restored`;
  switch (report.result) {
    case 'success':
      return `Success: ${plural(built, 'image')} ${done}`;
    case 'failure':
      if (imagesWithoutSuccess(report).length === 0)
        return `Failure: ${plural(built, 'image')} ${done}, but what was left to do at the end failed`;
      return `Failure: ${describeShortfall(report, '')}`;
    case 'cancelled':
      return `Cancelled: ${built} of ${all} ${done}${lacking}`;
    case 'interrupted':
      return `Interrupted: ${built} of ${all} ${done}${lacking}`;
  }
}

function numbers(report: RunReport): string {
  return [
    plural(report.incidents.length, 'incident'),
    plural(report.retries, 'retry', 'retries'),
    `lane at the end: ${report.lane} (${text(report.mode)})`,
    formatDuration(runMs(report)),
    engineName(report.engine),
  ].join(' · ');
}

function engineName(engine: EngineFacts): string {
  const where = engine.address === undefined ? (engine.served ? 'served' : 'local') : `at ${code(engine.address)}`;
  return `${text(engine.name)} ${text(engine.version)} (${text(engine.dialect)}, ${where})`;
}

function interruption(report: RunReport): string {
  if (report.result !== 'interrupted') return '';
  const last = new Date(report.endedAt).toISOString();
  return `The run was interrupted: its journal ends without an end of the run. This is what had happened by ${last}.\n\n`;
}

function failures(report: RunReport, mostBytes: number): string {
  const failed = imagesWithoutSuccess(report);
  const { text: lines, left } = fitting(failed.slice(0, MOST_NAMED), mostBytes, (image) => {
    const line = decisiveLine(image);
    return `- ${code(image.name, 100)}: ${text(whatHappened(image))}${line === undefined ? '' : `: ${code(line)}`}\n`;
  });
  const more = left + Math.max(0, failed.length - MOST_NAMED);
  if (lines === '' && more === 0) return '';
  return `${lines}${more > 0 ? `- and ${more} more, in the table of images\n` : ''}\n`;
}
