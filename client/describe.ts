import { formatDuration, plural } from '../src/report/figures.js';
import type { AttemptData, ReportData, StepData } from '../src/report/html/report-data.js';
import type { Target } from './target.js';
import { tickLabel } from './ticks.js';

/** What a target of the timeline is, in lines; the first is its title. */
export function describe(target: Target, data: ReportData): string[] {
  switch (target.kind) {
    case 'name':
      return describeImage(target.image, data);
    case 'attempt': {
      const image = data.images[target.image];
      const attempt = image?.attempts[target.attempt];
      if (image === undefined || attempt === undefined) return [];
      const step = target.step === undefined ? undefined : attempt.steps[target.step];
      return [`${image.name}, attempt ${attempt.number}`, ...describeAttempt(attempt), ...describeStep(step)];
    }
    case 'hand-off': {
      const image = data.images[target.image];
      const handOff = image?.handOffs[target.handOff];
      if (image === undefined || handOff === undefined) return [];
      const took = formatDuration(handOff.until - handOff.from);
      return [
        `${image.name} → ${handOff.to}, attempt ${handOff.number}`,
        `${handOff.outcome} after ${took}, ${handOff.said}`,
        between(handOff),
        ...handOff.facts.map(({ name, value }) => `${name}: ${value}`),
      ];
    }
    case 'wait': {
      const image = data.images[target.image];
      const wait = image?.waits[target.wait];
      if (image === undefined || wait === undefined) return [];
      return [image.name, `Waited ${formatDuration(wait.until - wait.from)} ${wait.why}`, between(wait)];
    }
    case 'lane': {
      const lane = data.lanes[target.lane];
      return lane === undefined ? [] : [`Lane: ${lane.lane} at once (${lane.mode})`, lane.why, between(lane)];
    }
    case 'incident': {
      const incident = data.incidents[target.incident];
      if (incident === undefined) return [];
      const inFlight = `In flight: ${incident.inFlight.slice(0, 5).join(', ') || 'nothing'}`;
      const more = incident.inFlight.length > 5 ? ` and ${incident.inFlight.length - 5} more` : '';
      return [
        `Incident ${incident.number} at ${clock(incident.from)}`,
        ...incident.evidence.slice(0, 2),
        inFlight + more,
        incident.ending,
      ];
    }
  }
}

/** A time since the start as `1:02.3`. */
export function clock(at: number): string {
  return tickLabel(at, 100);
}

function describeImage(index: number, data: ReportData): string[] {
  const image = data.images[index];
  if (image === undefined) return [];
  const attempts = `${plural(image.attempts.length, 'attempt')}, ${formatDuration(image.durationMs)} in all`;
  return [
    image.name,
    `${image.outcome}: ${attempts}`,
    ...(image.note === undefined ? [] : [image.note]),
    ...(image.tags === '' ? [] : [image.tags]),
  ];
}

function describeAttempt(attempt: AttemptData): string[] {
  return [
    `${attempt.outcome} after ${formatDuration(attempt.until - attempt.from)}, ${attempt.ending}`,
    between(attempt),
    ...(attempt.line === undefined ? [] : [attempt.line]),
  ];
}

function describeStep(step: StepData | undefined): string[] {
  if (step === undefined) return [];
  const took = step.cached ? 'cached' : formatDuration(step.until - step.from);
  return [`Step ${step.step} (${took}): ${step.text}`];
}

function between({ from, until }: { from: number; until: number }): string {
  return `${clock(from)} to ${clock(until)}`;
}
