import type { IncidentReport, RunReport } from '../journal/run-report.js';

/** What was in flight when the engine died: images that were built, and hand-offs, as `api → kind:e2e`. */
export interface InFlightNames {
  builds: string[];
  handOffs: string[];
}

/** Tells builds from hand-offs; an image may have any name, so that those that are known come first. */
export function namesInFlight({ inFlight }: IncidentReport, { images }: RunReport): InFlightNames {
  const known = new Set(images.map(({ name }) => name));
  const isHandOff = (name: string) => !known.has(name) && name.includes(' → ');
  return { builds: inFlight.filter((name) => !isHandOff(name)), handOffs: inFlight.filter(isHandOff) };
}
