import { isAbsolute, join } from 'node:path';
import type { ImageInput, Inputs, Problem } from '../inputs/inputs.js';
import { whereImage } from '../inputs/problems.js';
import { archiveProblems } from './archive-folder.js';
import type { ArchiveSource } from './archive-source.js';
import { findCycles } from './cycles.js';
import type { ImageSpec } from './image-spec.js';
import type { LeadingSteps } from './leading-steps.js';
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
import { selectImages } from './targets.js';

export type { Disk } from '../inputs/disk.js';

export interface Plan {
  /** In the order in which they were written. */
  images: ImageSpec[];
  /** Of each image its Containerfile as it is shown; none where the engine fetches the context. */
  files: ReadonlyMap<string, string>;
  /** By its name where each image is loaded from; absent: they are built. */
  archived?: ReadonlyMap<string, ArchiveSource>;
  /** What must be written before the first build. */
  secrets: PlannedSecret[];
  /** Texts that definition files hold, to be written for the engine to read. */
  containerfiles: PlannedContainerfile[];
  /** Reads what the builds begin with, by the image; absent where nothing is built. */
  leadingSteps?(): Promise<ReadonlyMap<string, LeadingSteps>>;
  /** What is built as it was asked for, and better known. */
  warnings: string[];
}

/** A Containerfile that a definition file holds, and where the engine is to find it. */
export interface PlannedContainerfile {
  /** Absolute path, in the run's scratch folder. */
  file: string;
  text: string;
}

const TAG_EXPECTED = 'an image reference such as team/api:e2e or registry.example.com:5000/team/api:e2e';

/**
 * Turns inputs into the images to build, with every default filled in: an image's own value wins, maps merge, extra
 * arguments of the run come first. The plan may be built only when `problems` is empty.
 */
export function planImages(inputs: Inputs, at: SecretPlace, needs: Needs): { plan: Plan; problems: Problem[] } {
  const { selected, problems: unknown } = selectImages(inputs.images, inputs.targets, (name) =>
    needs.of(name).map((need) => need.name),
  );
  const secrets = createSecretPlanner(inputs, at);
  const problems = [
    ...secrets.problems,
    ...unknown,
    ...needs.problems,
    ...findCycles(
      inputs.images.map(({ name }) => name).filter((name) => selected.has(name)),
      needs.of,
    ),
  ];
  const notices: string[] = [];
  const firstTags = new Map(inputs.images.map((image) => [image.name, tagsOf(image)[0] ?? '']));
  const containerfiles: PlannedContainerfile[] = [];
  const images = inputs.images.flatMap((image, index) => {
    // An entry that could not be read at all has nothing more to find.
    const isUnread = image.name === '' && image.context === undefined && image.file === undefined;
    return selected.has(image.name) && !isUnread
      ? [
          planImage(image, index, {
            inputs,
            at,
            needs,
            firstTags,
            secretsOf: secrets.of,
            problems,
            notices,
            containerfiles,
          }),
        ]
      : [];
  });
  problems.push(...archiveProblems(inputs.archive, images, at));
  const files = images.flatMap(({ name, file }): [string, string][] =>
    file === undefined || !isAbsolute(file) || containerfiles.some((inline) => inline.file === file)
      ? []
      : [[name, shownPath(file, at.workspace)]],
  );
  return {
    plan: {
      images,
      files: new Map(files),
      secrets: secrets.secrets,
      containerfiles,
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
    containerfiles,
  }: {
    inputs: Inputs;
    at: SecretPlace;
    needs: Needs;
    firstTags: ReadonlyMap<string, string>;
    secretsOf: SecretPlanner;
    problems: Problem[];
    notices: string[];
    containerfiles: PlannedContainerfile[];
  },
): ImageSpec {
  const where = image.where ?? whereImage(index, image.name);
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
  const {
    context,
    file: found,
    buildContexts,
  } = locateImage(
    image,
    at,
    ({ key, ...problem }) => problems.push({ where: `${where}: ${key}`, ...problem }),
    (notice) => notices.push(`image "${image.name}": ${notice}`),
  );
  const file =
    image.containerfile === undefined ? found : join(at.scratch, `containerfile-${containerfiles.length + 1}`);
  if (image.containerfile !== undefined && file !== undefined) containerfiles.push({ file, text: image.containerfile });
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
    platforms,
    cacheFrom: image.cacheFrom ?? [],
    cacheTo: image.cacheTo ?? [],
    noCache: image.noCache ?? inputs.noCache,
    pull: mayPull,
    push: image.push ?? inputs.push,
    extraArgs: [...inputs.extraArgs, ...(image.extraArgs ?? [])],
    needs: needs.of(image.name).map(({ name }) => name),
    ...(image.exclusive === undefined ? {} : { exclusive: image.exclusive }),
    ...(image.memoryBytes === undefined ? {} : { memoryBytes: image.memoryBytes }),
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
