import type { Problem } from '../inputs/inputs.js';
import type { ArchiveSource } from './archive-source.js';
import type { ImageSpec } from './image-spec.js';
import type { Plan } from './plan.js';
import { matches } from './targets.js';

/** The images that were asked for, by names or patterns such as `web-*`; none means all. */
export function planLoad(
  found: readonly ArchiveSource[],
  wanted: readonly string[],
  timeoutMs: number,
): { plan: Plan; problems: Problem[] } {
  const isMeant = ({ name }: ArchiveSource, pattern: string) => name === pattern || matches(pattern, name);
  const chosen = wanted.length === 0 ? found : found.filter((one) => wanted.some((pattern) => isMeant(one, pattern)));
  const unknown = wanted.filter((pattern) => !found.some((one) => isMeant(one, pattern)));
  const names = found.map(({ name }) => name);
  const doubles = names.filter((name, at) => names.indexOf(name) !== at);
  return {
    plan: {
      images: chosen.map(({ name, tags }) => imageToLoad(name, tags, timeoutMs)),
      archived: new Map(chosen.map((one) => [one.name, one])),
      files: new Map(),
      secrets: [],
      containerfiles: [],
      warnings: [],
    },
    problems: [
      ...unknown.map((pattern) => ({
        where: 'images',
        seen: pattern,
        expected: 'the name of an archived image, or a pattern of names',
        hint: `there are ${names.slice(0, 20).join(', ') || 'none'}`,
      })),
      ...[...new Set(doubles)].map((name) => ({
        where: 'path',
        seen: name,
        expected: 'each image once',
        hint: 'the folder holds several images of this name',
      })),
    ],
  };
}

/** Nothing of it is built, so that there is no context. */
function imageToLoad(name: string, tags: string[], timeoutMs: number): ImageSpec {
  return {
    name,
    context: '',
    tags,
    buildArgs: {},
    buildContexts: {},
    labels: {},
    secrets: {},
    platforms: [],
    cacheFrom: [],
    cacheTo: [],
    noCache: false,
    pull: false,
    push: false,
    extraArgs: [],
    needs: [],
    timeoutMs,
  };
}
