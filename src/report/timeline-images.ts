import type { AttemptReport, ImageReport, RunReport } from '../journal/run-report.js';
import { formatDuration, plural } from './figures.js';
import { handOffMs, handOffOutcome } from './hand-offs.js';
import { mermaidName } from './mermaid-text.js';
import { attemptOutcome, imageOutcome, type Outcome } from './outcome.js';
import { bar } from './timeline-bar.js';
import { describeWait, type Wait, waitsOf } from './waits.js';
import { attemptMs, imageMs } from './wall-time.js';

/** So few images show their steps; so many have a section each; more are grouped; of still more only some are shown. */
const MOST_WITH_STEPS = 8;
const MOST_SECTIONS = 20;
const MOST_IMAGES = 60;

const MOST_ATTEMPTS = 10;
const MOST_HAND_OFFS = 10;
const MOST_STEPS = 12;
const MOST_NAME = 40;
const MOST_STEP = 60;
/** Waiting for less is not seen. */
const LEAST_WAIT_MS = 500;
/** Nor a step of less. */
const LEAST_STEP_MS = 100;

/** A part of the diagram with a name, and its bars as mermaid has them. */
export interface Section {
  name: string;
  bars: string[];
}

/** Every image that had an attempt, or a hand-off; when they are too many, those that say most, in their own order. */
export function imagesToShow(report: RunReport): ImageReport[] {
  const started = report.images.filter(hasBars);
  if (started.length <= MOST_IMAGES) return started;
  const ranked = started
    .map((image) => ({ image, rank: rank(image), ms: imageMs(image, report) }))
    .sort((a, b) => a.rank - b.rank || b.ms - a.ms);
  const chosen = new Set(ranked.slice(0, MOST_IMAGES).map(({ image }) => image));
  return started.filter((image) => chosen.has(image));
}

/** Whether something of the image took time; one that was restored may only have been handed over. */
export function hasBars({ attempts, handOffs }: ImageReport): boolean {
  return attempts.length > 0 || handOffs.length > 0;
}

/** The sections of these images: one for each, or where they are many one for each kind of outcome. */
export function imageSections(images: readonly ImageReport[], report: RunReport): Section[] {
  if (images.length > MOST_SECTIONS) return groups(images, report);
  const withSteps = images.length <= MOST_WITH_STEPS;
  return images.map((image) => ({ name: sectionName(image), bars: imageBars(image, report, withSteps) }));
}

const GROUPS = ['Without success', 'Built after a retry', 'Built'];
const GROUPS_OF_LOADS = ['Without success', 'Loaded after a retry', 'Loaded'];

function groups(images: readonly ImageReport[], report: RunReport): Section[] {
  return (report.loads ? GROUPS_OF_LOADS : GROUPS).map((name, index) => ({
    name,
    bars: images.filter((image) => rank(image) === index).map((image) => imageBar(image, report)),
  }));
}

/** 0 without success, 1 for a success after a retry, 2 for one at once. */
function rank(image: ImageReport): 0 | 1 | 2 {
  if (image.result !== 'success') return 0;
  return image.attempts.length > 1 ? 1 : 2;
}

function imageBar(image: ImageReport, report: RunReport): string {
  const tag = (['crit, ', 'active, ', 'done, '] as const)[rank(image)];
  const from = image.attempts[0]?.startedAt ?? image.restored?.at ?? report.startedAt;
  const last = image.handOffs.at(-1) ?? image.attempts.at(-1);
  const until = last?.endedAt ?? report.endedAt;
  const outcome = `${mermaidName(imageOutcome(image), MOST_NAME)} in ${formatDuration(until - from)}`;
  const retries = image.attempts.length > 1 ? ` - ${image.attempts.length} attempts` : '';
  return bar(report, `image ${mermaidName(image.name, MOST_NAME)} ${outcome}${retries}`, tag, from, until);
}

function sectionName(image: ImageReport): string {
  const earlier = image.attempts.length - MOST_ATTEMPTS;
  const name = mermaidName(image.name, MOST_NAME);
  return earlier > 0 ? `${name} (${plural(earlier, 'attempt')} earlier)` : name;
}

function imageBars(image: ImageReport, report: RunReport, withSteps: boolean): string[] {
  const shown = image.attempts.slice(-MOST_ATTEMPTS);
  const waits = waitsOf(image, report);
  const before = ({ number }: AttemptReport) =>
    image.attempts[image.attempts.findIndex((attempt) => attempt.number === number) - 1]?.number;
  const attempts = shown.flatMap((attempt, index) => {
    const took = formatDuration(attemptMs(attempt, report));
    const { tag, says } = outcomeLook(attemptOutcome(attempt), took, report.loads ? 'loaded' : 'built');
    const until = attempt.endedAt ?? report.endedAt;
    return [
      ...(index === 0 && shown.length < image.attempts.length ? [] : waiting(waits, before(attempt), report)),
      bar(report, `attempt ${attempt.number} ${says}`, tag, attempt.startedAt, until),
      ...(withSteps ? stepBars(attempt, until, report) : []),
    ];
  });
  return [...attempts, ...handOffBars(image, report)];
}

/** The waiting after this attempt, or before the first. */
function waiting(waits: readonly Wait[], after: number | undefined, report: RunReport): string[] {
  return waits
    .filter((wait) => wait.after === after && wait.until - wait.from >= LEAST_WAIT_MS)
    .map((wait) => {
      const what =
        wait.needs === undefined ? '' : ` ${mermaidName(describeWait({ ...wait, engineDeadMs: 0 }), MOST_NAME)}`;
      return bar(report, `waits ${formatDuration(wait.until - wait.from)}${what}`, '', wait.from, wait.until);
    });
}

function handOffBars(image: ImageReport, report: RunReport): string[] {
  return image.handOffs.slice(-MOST_HAND_OFFS).map((handOff) => {
    const { tag, says } = outcomeLook(handOffOutcome(handOff), formatDuration(handOffMs(handOff, report)), 'done');
    const until = handOff.endedAt ?? report.endedAt;
    return bar(report, `hand-off ${mermaidName(handOff.to, MOST_NAME)} ${says}`, tag, handOff.startedAt, until);
  });
}

/** A step lasts until the next one begins; those from the cache take no time, and are not shown. */
function stepBars(attempt: AttemptReport, until: number, report: RunReport): string[] {
  const spans = attempt.steps.map((step, index) => ({ ...step, until: attempt.steps[index + 1]?.at ?? until }));
  return spans
    .filter(({ cached, at, until: end }) => cached !== true && end - at >= LEAST_STEP_MS)
    .slice(-MOST_STEPS)
    .map((step) => bar(report, `step ${mermaidName(`${step.step} ${step.text}`, MOST_STEP)}`, '', step.at, step.until));
}

function outcomeLook(outcome: Outcome, took: string, done: string): { tag: string; says: string } {
  switch (outcome) {
    case 'success':
      return { tag: 'done, ', says: `${done} in ${took}` };
    case 'unfinished':
      return { tag: 'active, ', says: `unfinished after ${took}` };
    case 'cancelled':
      return { tag: '', says: `cancelled after ${took}` };
    default:
      return { tag: 'crit, ', says: `${mermaidName(outcome, MOST_NAME)} after ${took}` };
  }
}
