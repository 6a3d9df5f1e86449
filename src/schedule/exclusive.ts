/** An image as far as it decides whether it builds alone. */
export interface Companion {
  name: string;
  /** What the user says; absent when they say nothing. */
  exclusive?: boolean;
  /** Incidents at which it was in flight, in this run and in earlier ones that are remembered. */
  incidentsInFlight: number;
}

/** At one incident anybody may have been in flight; at two it looks like the cause. */
const INCIDENTS = 2;

/** Why the image builds alone, in a few words; undefined when it builds beside others. */
export function whyExclusive({ exclusive, incidentsInFlight }: Companion): string | undefined {
  if (exclusive === true) return 'exclusive: true';
  if (exclusive === false || incidentsInFlight < INCIDENTS) return undefined;
  return `it was in flight at ${incidentsInFlight} incidents`;
}
