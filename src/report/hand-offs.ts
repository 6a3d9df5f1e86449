import type { HandOffReport, ImageReport, RunReport } from '../journal/run-report.js';
import type { Outcome } from './outcome.js';

/** One place that an image was to go to, with all tries to bring it there. */
export interface Destination {
  /** Such as `kind:e2e`. */
  to: string;
  tries: HandOffReport[];
  last: HandOffReport;
}

/** The places that an image was to go to, as far as a try was begun, in their order. */
export function destinationsOf(image: ImageReport): Destination[] {
  const known = new Map<string, Destination>();
  for (const handOff of image.handOffs) {
    const destination = known.get(handOff.to) ?? { to: handOff.to, tries: [], last: handOff };
    destination.tries.push(handOff);
    destination.last = handOff;
    known.set(handOff.to, destination);
  }
  return [...known.values()];
}

/** What became of a try. */
export function handOffOutcome({ verdict, endedAt }: HandOffReport): Outcome {
  return verdict?.class ?? (endedAt === undefined ? 'unfinished' : 'success');
}

/** How long a try took, in milliseconds; an unfinished one until the run's last event. */
export function handOffMs({ startedAt, endedAt }: HandOffReport, report: RunReport): number {
  return Math.max(0, (endedAt ?? report.endedAt) - startedAt);
}

/** What a try is called where it stands beside builds: `api → kind:e2e`. */
export function handOffName(image: { name: string }, { to }: { to: string }): string {
  return `${image.name} → ${to}`;
}

/** Whether the image was built, whatever came after. */
export function isBuilt({ built, attempts }: ImageReport): boolean {
  return built !== undefined || attempts.some((attempt) => attempt.built !== undefined);
}

/** Whether the image was built, and then not brought to where it was to go. */
export function isNotHandedOver(image: ImageReport): boolean {
  if (image.result === 'success' || !isBuilt(image)) return false;
  return image.result !== 'unfinished' || image.handOffs.length > 0;
}
