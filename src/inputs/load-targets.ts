import type { LoadTarget, Problem } from './inputs.js';
import { nearest } from './nearest.js';
import { splitNames } from './values.js';

/** By tool the name of a cluster that is given none. */
const DEFAULT_CLUSTERS: Readonly<Record<LoadTarget['tool'], string>> = {
  kind: 'kind',
  minikube: 'minikube',
  k3d: 'k3s-default',
};
const TOOLS = Object.keys(DEFAULT_CLUSTERS) as LoadTarget['tool'][];

/** As all three tools take them, and nothing that could be read as a flag. */
const CLUSTER = /^[A-Za-z0-9][\w.-]{0,62}$/;
const EXPECTED = 'kind:NAME, minikube:PROFILE or k3d:NAME, or only kind, minikube or k3d';

/** Reads `load`, a list separated by commas or newlines; a cluster that is named twice is loaded into once. */
export function readLoadTargets(text: string): { load: LoadTarget[]; problems: Problem[] } {
  const targets = new Map<string, LoadTarget>();
  const problems: Problem[] = [];
  for (const entry of splitNames(text)) {
    const colon = entry.indexOf(':');
    const [name, cluster] = colon === -1 ? [entry] : [entry.slice(0, colon), entry.slice(colon + 1)];
    const tool = TOOLS.find((known) => known === name);
    const target = tool === undefined ? undefined : { tool, cluster: cluster ?? DEFAULT_CLUSTERS[tool] };
    if (target === undefined) {
      const meant = problems.length < MAX_SUGGESTIONS ? nearest(name as string, TOOLS) : undefined;
      const hint = meant === undefined ? {} : { hint: `did you mean "${meant}"?` };
      problems.push({ where: 'load', seen: entry, expected: EXPECTED, ...hint });
    } else if (CLUSTER.test(target.cluster)) targets.set(`${target.tool}:${target.cluster}`, target);
    else problems.push({ where: 'load', seen: entry, expected: EXPECTED });
  }
  return { load: [...targets.values()], problems };
}

// Suggestions compare letter by letter, so hostile input could make them slow.
const MAX_SUGGESTIONS = 10;
