import type { AttemptReport, ImageReport, RunReport, Sample } from '../journal/run-report.js';

/** A step is found in its first seconds (resources/step-looks.ts); what takes less hardly needs more than the others. */
const SEEN_STEP_MS = 5_000;

/**
 * How much memory a build of the image took at its peak, in any of its attempts, in bytes, as far as that is known: the last
 * one may have found the heaviest step done. Of a local engine it is what its process tree held. A server's builds are not
 * the client's: of those it is what the processes of its steps held, if all of them were seen; and by how much the memory in
 * use on the server's machine grew, which only says something of an attempt that ran alone. Undefined where none of it can be
 * had.
 */
export function peakBytes({ name, attempts }: ImageReport, report: RunReport): number | undefined {
  if (!report.engine.served)
    return largest(attempts.flatMap(({ usage }) => [usage.peakRssBytes, usage.kernel?.peakRssBytes]));
  const wereSeen = attempts.every((attempt) => stepsWereSeen(name, attempt, report));
  const ofSteps = wereSeen ? attempts.map(({ usage }) => usage.stepPeakRssBytes) : [];
  return largest([...ofSteps, ...attempts.map((attempt) => growthAlone(attempt, report))]);
}

/** One step that was not seen may have been the heaviest. What a retry finds done, the attempt before it has done. */
function stepsWereSeen(name: string, attempt: AttemptReport, report: RunReport): boolean {
  const looks = report.samples.filter((sample) =>
    sample.attempts?.some(
      ({ image, attempt: number, stepRssBytes }) =>
        image === name && number === attempt.number && stepRssBytes !== undefined,
    ),
  );
  return attempt.steps.every(({ at, text, cached }, index) => {
    if (!/^RUN\s/i.test(text)) return true;
    if (cached === true) return attempt.number > 1;
    const until = attempt.steps[index + 1]?.at ?? attempt.endedAt ?? report.endedAt;
    return until - at < SEEN_STEP_MS || looks.some((look) => look.at >= at && look.at <= until);
  });
}

function growthAlone(attempt: AttemptReport, report: RunReport): number | undefined {
  const end = attempt.endedAt ?? report.endedAt;
  if (!ranAlone(attempt, end, report)) return undefined;
  const within = report.samples.filter(({ at }) => at >= attempt.startedAt && at <= end);
  const used = within.flatMap((sample) => memoryInUse(sample) ?? []);
  const [first] = used;
  return first === undefined || used.length < 2 ? undefined : (largest(used) as number) - first;
}

function ranAlone(attempt: AttemptReport, end: number, report: RunReport): boolean {
  const others = report.images.flatMap(({ attempts, handOffs }) => [...attempts, ...handOffs]);
  return others.every(
    (other) => other === attempt || other.startedAt >= end || (other.endedAt ?? report.endedAt) <= attempt.startedAt,
  );
}

/** Up to a constant: what a remote engine's machine has free is told, and not what it has. */
function memoryInUse({ host, engine }: Sample): number | undefined {
  if (engine?.memoryFreeBytes !== undefined) return -engine.memoryFreeBytes;
  // Only a server whose process is seen is known to be on this machine.
  return engine?.rssBytes === undefined ? undefined : host.memoryUsedBytes;
}

function largest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((most, value) => Math.max(most, value));
}
