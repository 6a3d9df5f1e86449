import { isAbsolute } from 'node:path';
import type { ImageInput, Inputs, Problem } from '../inputs/inputs.js';
import { nearest } from '../inputs/nearest.js';
import { whereImage } from '../inputs/problems.js';
import { findCycles } from './cycles.js';
import type { ImageSpec } from './image-spec.js';
import type { Place } from './location.js';
import { locateImage } from './location.js';
import { type Needs, TARGET_CONTEXT, tagsOf } from './needs.js';
import { isReference } from './reference.js';
import {
  createSecretPlanner,
  type PlannedSecret,
  type SecretPlace,
  type SecretPlanner,
  warnOfSecretArguments,
} from './secrets.js';
import { shownPath } from './shown-path.js';
import { withNeeds } from './targets.js';

export type { Disk } from './location.js';

export interface Plan {
  /** In the order in which they were written. */
  images: ImageSpec[];
  /** Of each image its Containerfile as it is shown; none where the engine fetches the context. */
  files: ReadonlyMap<string, string>;
  /** What must be written before the first build. */
  secrets: PlannedSecret[];
  /** What is built as it was asked for, and better known. */
  warnings: string[];
}

// Suggestions compare with every name, so hostile input could make them slow.
const MAX_SUGGESTIONS = 10;
const TAG_EXPECTED = 'an image reference such as team/api:e2e or registry.example.com:5000/team/api:e2e';

/**
 * Turns inputs into the images to build, with every default filled in: an image's own value wins, maps merge, extra
 * arguments of the run come first. The plan may be built only when `problems` is empty.
 */
export function planImages(inputs: Inputs, at: SecretPlace, needs: Needs): { plan: Plan; problems: Problem[] } {
  const names = new Set(inputs.images.map((image) => image.name));
  const targets = new Set(inputs.targets);
  const chosen = withNeeds(targets.size === 0 ? names : targets, (name) => needs.of(name).map((need) => need.name));
  const secrets = createSecretPlanner(inputs, at);
  const problems = [
    ...secrets.problems,
    ...findUnknownTargets(targets, names),
    ...needs.problems,
    ...findCycles(
      [...names].filter((name) => chosen.has(name)),
      needs.of,
    ),
  ];
  const notices: string[] = [];
  const firstTags = new Map(inputs.images.map((image) => [image.name, tagsOf(image)[0] ?? '']));
  const images = inputs.images.flatMap((image, index) => {
    // An entry that could not be read at all has nothing more to find.
    const isUnread = image.name === '' && image.context === undefined && image.file === undefined;
    return chosen.has(image.name) && !isUnread
      ? [planImage(image, index, { inputs, at, needs, firstTags, secretsOf: secrets.of, problems, notices })]
      : [];
  });
  const files = images.flatMap(({ name, file }): [string, string][] =>
    file === undefined || !isAbsolute(file) ? [] : [[name, shownPath(file, at.workspace)]],
  );
  return {
    plan: {
      images,
      files: new Map(files),
      secrets: secrets.secrets,
      warnings: [...notices, ...warnOfSecretArguments(images)],
    },
    problems,
  };
}

function planImage(
  image: ImageInput,
  index: number,
  {
    inputs,
    at,
    needs,
    firstTags,
    secretsOf,
    problems,
    notices,
  }: {
    inputs: Inputs;
    at: Place;
    needs: Needs;
    firstTags: ReadonlyMap<string, string>;
    secretsOf: SecretPlanner;
    problems: Problem[];
    notices: string[];
  },
): ImageSpec {
  const where = whereImage(index, image.name);
  const { context, file, buildContexts } = locateImage(
    image,
    at,
    ({ key, ...problem }) => problems.push({ where: `${where}: ${key}`, ...problem }),
    (notice) => notices.push(`image "${image.name}": ${notice}`),
  );
  const pull = image.pull ?? inputs.pull;
  const mayPull = pull && !needs.byTag(image.name);
  if (pull && !mayPull) notices.push(NOT_PULLED(image.name));
  return {
    name: image.name,
    context,
    ...(file === undefined ? {} : { file }),
    ...(image.target === undefined ? {} : { target: image.target }),
    tags: planTags(image, where, problems),
    buildArgs: { ...inputs.buildArgs, ...image.buildArgs },
    buildContexts: withImages(buildContexts, firstTags),
    labels: { ...inputs.labels, ...image.labels },
    secrets: secretsOf(image, (problem) => problems.push({ where: `${where}: secrets`, ...problem })),
    platforms: image.platforms ?? inputs.platforms,
    cacheFrom: image.cacheFrom ?? [],
    cacheTo: image.cacheTo ?? [],
    noCache: image.noCache ?? inputs.noCache,
    pull: mayPull,
    extraArgs: [...inputs.extraArgs, ...(image.extraArgs ?? [])],
    needs: needs.of(image.name).map(({ name }) => name),
    timeoutMs: image.timeoutMs ?? inputs.timeoutMs,
  };
}

/**
 * What podman 4.3 and 5.8, buildah and docker do alike: told to pull, they look for the image that was built a moment ago
 * in a registry, and either fail or take what is there.
 */
const NOT_PULLED = (name: string) =>
  `image "${name}": pull is left out, as it builds on an image of this run, which the engine would look for in a registry`;

/** `docker-image://` with a tag is known to every engine that has build contexts, and finds an image that is only local. */
function withImages(contexts: Record<string, string>, firstTags: ReadonlyMap<string, string>): Record<string, string> {
  const replaced = Object.entries(contexts).map(([key, value]) => {
    const tag = value.startsWith(TARGET_CONTEXT) ? firstTags.get(value.slice(TARGET_CONTEXT.length)) : undefined;
    return [key, tag === undefined ? value : `docker-image://${tag}`];
  });
  return Object.fromEntries(replaced) as Record<string, string>;
}

/** The image's tags, or `<name>:e2e`; an image without a name has been reported, and none is made up for it. */
function planTags(image: ImageInput, where: string, problems: Problem[]): string[] {
  const tags = tagsOf(image);
  if (image.tags === undefined || image.tags.length === 0) {
    const wrong = tags.find((tag) => !isReference(tag));
    const hint = 'the name cannot be a tag, so set tags';
    if (wrong !== undefined) problems.push({ where: `${where}: tags`, seen: wrong, expected: TAG_EXPECTED, hint });
    return tags;
  }
  for (const [at, tag] of tags.entries()) {
    if (!isReference(tag)) problems.push({ where: `${where}: tags[${at}]`, seen: tag, expected: TAG_EXPECTED });
  }
  return tags;
}

function findUnknownTargets(targets: ReadonlySet<string>, names: ReadonlySet<string>): Problem[] {
  const unknown = [...targets].filter((target) => !names.has(target));
  return unknown.map((target, at) => {
    const problem = { where: 'targets', seen: target, expected: 'the name of an image' };
    const meant = at < MAX_SUGGESTIONS ? nearest(target, names) : undefined;
    return meant === undefined ? problem : { ...problem, hint: `did you mean "${meant}"?` };
  });
}
