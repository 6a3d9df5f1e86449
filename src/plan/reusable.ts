import { imagesOf, readStages } from './containerfile-images.js';
import type { ImageSpec } from './image-spec.js';
import { plainTag } from './reference.js';

/** Parsing takes a millisecond for each kilobyte at worst, and nobody writes longer ones. */
const MOST_CHARACTERS = 128 * 1024;

/** Arguments that say all that they bring in by their own text, by their flags. */
const PLAIN_FLAGS = new Set(
  [
    'add-host annotation attest cap-add cap-drop cgroup-parent cgroupns cpu-period cpu-quota cpu-shares cpuset-cpus',
    'cpuset-mems cpus disable-compression dns dns-option dns-search force-rm format http-proxy identity-label isolation',
    'jobs layers memory memory-swap network no-hosts omit-history progress provenance quiet retry retry-delay rm runtime',
    'sbom security-opt shm-size squash squash-all timestamp tls-verify ulimit userns',
  ]
    .join(' ')
    .split(' ')
    .map((name) => `--${name}`),
);

/** Where an instruction fetches from: a URL, or a repository. */
const REMOTE = /\b[a-z][a-z0-9+.-]*:\/\/|\bgit@/i;
/** Who else reads the Containerfile (https://docs.docker.com/build/buildkit/frontend/); docker's own reads what others do. */
const FRONTEND = /^[ \t]*#[ \t]*syntax[ \t]*=[ \t]*(?!(?:docker\.io\/)?docker\/dockerfile\b)\S/im;
const IMAGE_CONTEXT = /^(?:docker-image|container-image|docker):\/\//;
const URL_OR_OTHER = /^(?:[a-z][a-z0-9+.-]+:|git@)/i;

/** Why an image must be built whatever is known of earlier builds, by its settings; undefined when nothing says so. */
export function whyNotReusable(image: ImageSpec): string | undefined {
  if (image.noCache) return 'no-cache';
  if (image.pull) return 'pull';
  if (image.platforms.length > 1) return 'several platforms';
  if (image.cacheTo.length > 0) return 'cache-to';
  if (REMOTE.test(image.context) || image.context.startsWith('git@')) return 'its context is a URL';
  const fetched = Object.entries(image.buildContexts).find(
    ([, value]) => URL_OR_OTHER.test(value) && !IMAGE_CONTEXT.test(value),
  );
  if (fetched !== undefined) return `its build context "${fetched[0]}" is no folder and no image`;
  if (image.file === undefined || image.file.endsWith('.in'))
    return 'its Containerfile is not known before it is built';
  const flag = image.extraArgs
    .filter((arg) => arg.startsWith('-'))
    .map((arg) => arg.replace(/=.*/s, ''))
    .find((name) => !PLAIN_FLAGS.has(name));
  return flag === undefined ? undefined : `extra-args: what ${flag} brings in is not known`;
}

/** References of the images that a build takes from outside, or why they cannot be told. */
export type Sources = { images: string[] } | { why: string };

/** Which images a build of this Containerfile takes from outside, other than folders that take an image's place. */
export async function sourcesOf(
  image: ImageSpec,
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Sources> {
  if (text.length > MOST_CHARACTERS) return { why: 'its Containerfile is too long to be read' };
  if (FRONTEND.test(text)) return { why: 'its Containerfile is in a syntax of its own' };
  const fetching = await fetchingLine(text);
  if (fetching !== undefined) return { why: `ADD in line ${fetching} of its Containerfile may fetch something` };
  const containerfile = await readStages(text);
  if (containerfile.stages.length === 0) return { why: 'its Containerfile could not be read' };
  const args = Object.entries(image.buildArgs).map(([key, value]): [string, string] => [
    key,
    value ?? environment[key] ?? '',
  ]);
  const replaced = new Map(Object.entries(image.buildContexts).map(([name, value]) => [plainTag(name), value]));
  const images = imagesOf(containerfile, image.target, new Map(args)).map(({ reference }) => reference);
  const contexts = Object.values(image.buildContexts).filter((value) => IMAGE_CONTEXT.test(value));
  return {
    images: [
      ...new Set([
        ...images.filter((reference) => !replaced.has(plainTag(reference))),
        ...contexts.map((value) => value.replace(IMAGE_CONTEXT, '')),
      ]),
    ].sort(),
  };
}

/** The line of the first `ADD` that has, or may get by a variable, a source elsewhere. */
async function fetchingLine(text: string): Promise<number | undefined> {
  const { DockerfileParser } = await import('dockerfile-ast');
  for (const instruction of DockerfileParser.parse(text).getInstructions()) {
    if (instruction.getKeyword() !== 'ADD') continue;
    const content = instruction.getArgumentsContent() ?? '';
    // The last word is where it goes, in the form that has no brackets.
    const sources = content.trimStart().startsWith('[') ? content : content.trim().replace(/\S+$/, '');
    if (REMOTE.test(sources) || sources.includes('$')) return instruction.getRange().start.line + 1;
  }
  return undefined;
}
