/** The names that were asked for, and all that they need, directly or not. */
export function withNeeds(targets: Iterable<string>, needsOf: (name: string) => readonly string[]): Set<string> {
  const chosen = new Set<string>();
  const toVisit = [...targets];
  for (let name = toVisit.pop(); name !== undefined; name = toVisit.pop()) {
    if (chosen.has(name)) continue;
    chosen.add(name);
    toVisit.push(...needsOf(name));
  }
  return chosen;
}
