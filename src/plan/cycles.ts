import type { Problem } from '../inputs/inputs.js';

/** An image that another needs, and by what: `needs`, or `FROM base:e2e in line 3 of services/api/Containerfile`. */
export interface Need {
  name: string;
  why: string;
}

const MOST_CYCLES = 10;
/** Of one cycle; the whole of it is among the images that are named. */
const MOST_EDGES = 5;
const MOST_NAME = 60;
const MOST_WHY = 160;

/** A problem for each circle of needs among these images, with what it goes through and why; at most ten. */
export function findCycles(names: Iterable<string>, needsOf: (name: string) => readonly Need[]): Problem[] {
  const done = new Set<string>();
  const problems: Problem[] = [];
  for (const first of names) {
    // A stack of our own: chains may be longer than calls can nest.
    const path: { name: string; via?: Need; left: Need[] }[] = [];
    const onPath = new Map<string, number>();
    const enter = (name: string, via?: Need) => {
      onPath.set(name, path.length);
      path.push({ name, ...(via === undefined ? {} : { via }), left: [...needsOf(name)] });
    };
    if (!done.has(first)) enter(first);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const need = top.left.shift();
      if (need === undefined) {
        path.pop();
        onPath.delete(top.name);
        done.add(top.name);
        continue;
      }
      const start = onPath.get(need.name);
      if (start !== undefined) {
        problems.push(describe([...path.slice(start + 1).flatMap(({ via }) => via ?? []), need], need.name));
        if (problems.length === MOST_CYCLES) return problems;
      } else if (!done.has(need.name)) enter(need.name, need);
    }
  }
  return problems;
}

/** `edges` lead from the image of this name back to it. */
function describe(edges: readonly Need[], name: string): Problem {
  const froms = [name, ...edges.map((edge) => edge.name)];
  const whys = edges
    .slice(0, MOST_EDGES)
    .map((edge, index) => `"${clip(froms[index] ?? '')}" needs "${clip(edge.name)}" (${clip(edge.why, MOST_WHY)})`);
  const more = edges.length > MOST_EDGES ? ` and ${edges.length - MOST_EDGES} more` : '';
  return {
    where: 'needs',
    seen: froms.map((each) => clip(each)).join(' → '),
    expected: `no image that waits for itself, but ${whys.join(', ')}${more}`,
  };
}

function clip(text: string, most = MOST_NAME): string {
  return text.length > most ? `${text.slice(0, most).replace(/[\ud800-\udbff]$/, '')}…` : text;
}
