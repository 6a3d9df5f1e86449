import { isAbsolute } from 'node:path';
import type { ImageInput, Inputs, Problem } from '../inputs/inputs.js';
import { nearest } from '../inputs/nearest.js';
import { whereImage } from '../inputs/problems.js';
import type { ImageSpec } from './image-spec.js';
import type { Place } from './location.js';
import { locateImage } from './location.js';
import { isReference } from './reference.js';
import {
  createSecretPlanner,
  type PlannedSecret,
  type SecretPlace,
  type SecretPlanner,
  warnOfSecretArguments,
} from './secrets.js';
import { shownPath } from './shown-path.js';

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
export function planImages(inputs: Inputs, at: SecretPlace): { plan: Plan; problems: Problem[] } {
  const names = new Set(inputs.images.map((image) => image.name));
  const targets = new Set(inputs.targets);
  const secrets = createSecretPlanner(inputs, at);
  const problems = [...secrets.problems, ...findUnknownTargets(targets, names)];
  const notices: string[] = [];
  const images = inputs.images.flatMap((image, index) => {
    // An entry that could not be read at all has nothing more to find.
    const isUnread = image.name === '' && image.context === undefined && image.file === undefined;
    const isTarget = targets.size === 0 || targets.has(image.name);
    return isTarget && !isUnread
      ? [planImage(image, index, { inputs, at, secretsOf: secrets.of, problems, notices })]
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
    secretsOf,
    problems,
    notices,
  }: { inputs: Inputs; at: Place; secretsOf: SecretPlanner; problems: Problem[]; notices: string[] },
): ImageSpec {
  const where = whereImage(index, image.name);
  const platforms = image.platforms ?? inputs.platforms;
  if (platforms.length > 1 && inputs.load.length > 0) {
    const hint = 'a cluster’s nodes take one image, so build the others in a step without load';
    problems.push({
      where: `${where}: platforms`,
      seen: platforms.join(', '),
      expected: 'one platform with load',
      hint,
    });
  }
  const { context, file, buildContexts } = locateImage(
    image,
    at,
    ({ key, ...problem }) => problems.push({ where: `${where}: ${key}`, ...problem }),
    (notice) => notices.push(`image "${image.name}": ${notice}`),
  );
  return {
    name: image.name,
    context,
    ...(file === undefined ? {} : { file }),
    ...(image.target === undefined ? {} : { target: image.target }),
    tags: planTags(image, where, problems),
    buildArgs: { ...inputs.buildArgs, ...image.buildArgs },
    buildContexts,
    labels: { ...inputs.labels, ...image.labels },
    secrets: secretsOf(image, (problem) => problems.push({ where: `${where}: secrets`, ...problem })),
    platforms,
    cacheFrom: image.cacheFrom ?? [],
    cacheTo: image.cacheTo ?? [],
    noCache: image.noCache ?? inputs.noCache,
    pull: image.pull ?? inputs.pull,
    extraArgs: [...inputs.extraArgs, ...(image.extraArgs ?? [])],
    timeoutMs: image.timeoutMs ?? inputs.timeoutMs,
  };
}

/** The image's tags, or `<name>:e2e`; an image without a name has been reported, and none is made up for it. */
function planTags({ name, tags = [] }: ImageInput, where: string, problems: Problem[]): string[] {
  if (tags.length === 0) {
    if (name === '') return [];
    const tag = `${name}:e2e`;
    if (!isReference(tag)) {
      const hint = 'the name cannot be a tag, so set tags';
      problems.push({ where: `${where}: tags`, seen: tag, expected: TAG_EXPECTED, hint });
    }
    return [tag];
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
