import { posix } from 'node:path';
import type { Arg, Copy, Env, Instruction } from 'dockerfile-ast';
import { declare, firstStageOf, readStages } from './containerfile-images.js';
import type { ImageSpec } from './image-spec.js';
import { expandVariables } from './variables.js';

/** A step of the stage that is built first. */
export interface LeadingStep {
  /** Equal for steps that do the same on the same, but for what they copy. */
  key: string;
  /** Whether it does work: `RUN`, `COPY`, `ADD`. */
  works: boolean;
  /** Files and folders of the context that it copies, relative to it, `''` for all of it; absent: none. */
  copies?: string[];
}

export interface LeadingSteps {
  /** Its place among the Containerfile's stages, 1 for the first. */
  stage: number;
  /** In their order, the `FROM` first. */
  steps: LeadingStep[];
}

/** Longer ones take too long to parse beside builds; nobody writes them. */
const MOST_CHARACTERS = 128 * 1024;

/**
 * The leading steps of each image whose Containerfile can be read, by its name. `read` gives the text of a Containerfile at
 * an absolute path, or undefined.
 */
export async function readLeadingSteps(
  images: readonly ImageSpec[],
  read: (path: string) => string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Map<string, LeadingSteps>> {
  const found = new Map<string, LeadingSteps>();
  for (const image of images) {
    const text = image.file === undefined ? undefined : read(image.file);
    if (text === undefined || text.length > MOST_CHARACTERS) continue;
    const args = Object.entries(image.buildArgs).map(([key, value]) => [key, value ?? environment[key] ?? ''] as const);
    const leading = await leadingSteps(text, image, new Map(args)).catch(() => undefined);
    // What cannot be read, the engine will speak of.
    if (leading !== undefined) found.set(image.name, leading);
  }
  return found;
}

/**
 * What a build of this Containerfile does first. Variables count where an `ARG` declares them, with the values that they
 * have there: engines compare them in the same way (podman-build(1), `--layers`).
 */
export async function leadingSteps(
  text: string,
  { target, platforms }: Pick<ImageSpec, 'target' | 'platforms'>,
  args: ReadonlyMap<string, string>,
): Promise<LeadingSteps | undefined> {
  const containerfile = await readStages(text);
  const first = firstStageOf(containerfile, target, args);
  const stage = containerfile.stages[first];
  if (stage === undefined) return undefined;
  const globals = new Map<string, string>();
  for (const variable of containerfile.globals) declare(variable, globals, args);
  const known = new Map<string, string>();
  const steps = (await instructionsOf(text, first)).map((instruction): LeadingStep => {
    const keyword = instruction.getKeyword();
    const written = instruction.toString().replace(/\s+/g, ' ').trim();
    if (keyword === 'FROM') {
      const from = written.replace(/\s+as\s+\S+$/i, '');
      return { key: `${platforms.join(',')} ${expandVariables(from, globals)}`, works: false };
    }
    if (keyword === 'ARG' || keyword === 'ENV') {
      const names = (instruction as Arg | Env).getProperties().map((property) => {
        const value = property.getValue();
        declare(
          { kind: keyword, name: property.getName(), ...(value === null ? {} : { value }) },
          known,
          args,
          globals,
        );
        return property.getName();
      });
      const values = names.map((name) => [name, known.get(name) ?? null]);
      return { key: `${keyword} ${JSON.stringify(values)}`, works: false };
    }
    const copies = keyword === 'COPY' || keyword === 'ADD' ? copiedPaths(instruction, known) : [];
    const works = copies.length > 0 || ['RUN', 'COPY', 'ADD'].includes(keyword);
    return { key: written, works, ...(copies.length > 0 ? { copies } : {}) };
  });
  return { stage: first + 1, steps };
}

async function instructionsOf(text: string, stage: number): Promise<Instruction[]> {
  const { DockerfileParser } = await import('dockerfile-ast');
  let at = -1;
  return DockerfileParser.parse(text)
    .getInstructions()
    .filter((instruction) => {
      if (instruction.getKeyword() === 'FROM') at += 1;
      return at === stage;
    });
}

/** What an instruction takes from the context; a pattern stands for the folder that it begins in. */
function copiedPaths(instruction: Instruction, known: ReadonlyMap<string, string>): string[] {
  if ((instruction as Copy).getFlags().some((flag) => flag.getName() === 'from')) return [];
  // Its flags are not in it; heredocs are, from the second line on.
  const content = (instruction.getArgumentsContent() ?? '').trim();
  const [first = ''] = content.includes('<<') ? content.split('\n') : [content];
  return sourcesOf(first).flatMap((source) => {
    const path = expandVariables(source, known);
    // A heredoc stands in the text, and what is fetched is the engine's to compare.
    if (path.startsWith('<<') || /^(?:[a-z+]+:\/\/|git@)/i.test(path)) return [];
    const inContext = posix.normalize(`/${path}`).replace(/^\/|\/$/g, '');
    const pattern = inContext.search(/[*?[\\]/);
    return [pattern === -1 ? inContext : inContext.slice(0, Math.max(0, inContext.lastIndexOf('/', pattern)))];
  });
}

/** All arguments but the last, which is where they are copied to. */
function sourcesOf(content: string): string[] {
  if (content.startsWith('[')) {
    try {
      return (JSON.parse(content) as unknown[]).map(String).slice(0, -1);
    } catch {
      // Not JSON to engines either: they take it for words.
    }
  }
  return content
    .split(/\s+/)
    .map((word) => word.replace(/["']/g, ''))
    .slice(0, -1);
}
