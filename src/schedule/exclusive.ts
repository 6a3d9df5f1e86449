/** An image as far as it decides whether it builds alone. */
export interface Companion {
  name: string;
  /** What the user says; absent when they say nothing. */
  exclusive?: boolean;
}

/** At one incident anybody may have been in flight; at two it looks like the cause. */
const INCIDENTS = 2;

/**
 * Images that look like the cause of incidents, in this run and in earlier ones that are remembered, and at how many of these
 * each was in flight. `incidents` has the names in flight at each. Who was in flight at the most is the first; an incident at
 * which it was needs no other cause, so whoever was only beside it is none. Those that were at as many cannot be told apart.
 * Of what the user says, `exclusive: true` is a cause that is known, and `exclusive: false` is none.
 */
export function findSuspects(
  incidents: readonly (readonly string[])[],
  images: readonly Companion[],
): ReadonlyMap<string, number> {
  const suspects = new Map<string, number>();
  const namesOf = (exclusive: boolean) =>
    new Set(images.flatMap((image) => (image.exclusive === exclusive ? image.name : [])));
  const all = counted(incidents);
  const never = namesOf(false);
  let found = namesOf(true);
  let unexplained = incidents.map((names) => names.filter((name) => !never.has(name)));
  for (;;) {
    const causes = found;
    unexplained = unexplained.filter((names) => !names.some((name) => causes.has(name)));
    const counts = [...counted(unexplained)];
    const most = counts.reduce((highest, [, count]) => Math.max(highest, count), 0);
    if (most < INCIDENTS) return suspects;
    found = new Set(counts.flatMap(([name, count]) => (count === most ? name : [])));
    for (const name of found) suspects.set(name, all.get(name) ?? most);
  }
}

/** Why the image builds alone, in a few words; undefined when it builds beside others. */
export function whyExclusive(
  { name, exclusive }: Companion,
  suspects: ReadonlyMap<string, number>,
): string | undefined {
  if (exclusive === true) return 'exclusive: true';
  const incidents = suspects.get(name);
  if (exclusive === false || incidents === undefined) return undefined;
  return `it was in flight at ${incidents} incidents`;
}

function counted(incidents: readonly (readonly string[])[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of incidents.flat()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
