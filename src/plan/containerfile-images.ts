import type { Arg, Copy, Env, Instruction, Run } from 'dockerfile-ast';
import { expandVariables } from './variables.js';

/** A stage of a Containerfile with what it is made of; references are as they are written, with their variables. */
export interface Stage {
  /** In lower case, as engines compare names of stages. */
  name?: string;
  base: Mention;
  /** In their order. */
  parts: (Mention | Variable)[];
}

/** Another stage or image that an instruction names. */
export interface Mention {
  kind: 'mention';
  reference: string;
  /** Such as `FROM` or `COPY --from`. */
  by: string;
  /** 1 for the first. */
  line: number;
}

/** An `ARG`, or an `ENV` with its value. */
export interface Variable {
  kind: 'ARG' | 'ENV';
  name: string;
  value?: string;
}

export interface Containerfile {
  /** What stands before the first `FROM`, and is known in each. */
  globals: Variable[];
  stages: Stage[];
}

/**
 * Reads what stages a Containerfile has and what they name; no stages when it cannot be read as one. The parser is loaded
 * when it is first needed: most sets have no image that could name another.
 */
export async function readStages(text: string): Promise<Containerfile> {
  const { DockerfileParser } = await import('dockerfile-ast');
  const read: Containerfile = { globals: [], stages: [] };
  try {
    for (const instruction of DockerfileParser.parse(text).getInstructions()) add(instruction, read);
  } catch {
    // It is made for editors and throws at nothing that is known; what it cannot read, the engine will speak of.
    return { globals: [], stages: [] };
  }
  return read;
}

/**
 * The images that a build of this Containerfile takes from outside, with variables filled in: of the stages that the target
 * needs alone, as BuildKit and podman build no others. `args` are the build arguments that are given. Which variables are
 * known where: https://docs.docker.com/reference/dockerfile/#understand-how-arg-and-from-interact
 */
export function imagesOf(containerfile: Containerfile, target: string | undefined, args: Variables): Mention[] {
  return visit(containerfile, target, args).found.sort((a, b) => a.line - b.line);
}

/** The index of the stage that a build for this target begins with; -1 when there is none. */
export function firstStageOf(containerfile: Containerfile, target: string | undefined, args: Variables): number {
  const { visited } = visit(containerfile, target, args);
  return visited.size === 0 ? -1 : Math.min(...visited);
}

function visit(
  { globals, stages }: Containerfile,
  target: string | undefined,
  args: Variables,
): { found: Mention[]; visited: Set<number> } {
  const known = new Map<string, string>();
  for (const variable of globals) declare(variable, known, args);
  const byName = (reference: string, before: number): number => {
    const name = reference.toLowerCase();
    return stages.findLastIndex((stage, index) => index < before && stage.name === name);
  };
  const found: Mention[] = [];
  const asked = stageOf(target);
  const toVisit = asked === -1 ? stages.map((_, index) => index) : [asked];
  const visited = new Set<number>();
  for (let index = toVisit.pop(); index !== undefined; index = toVisit.pop()) {
    const stage = stages[index];
    if (stage === undefined || visited.has(index)) continue;
    visited.add(index);
    follow(stage.base, byName(expandVariables(stage.base.reference, known), index), known);
    const inStage = new Map<string, string>();
    for (const part of stage.parts) {
      if (part.kind !== 'mention') declare(part, inStage, args, known);
      else follow(part, named(expandVariables(part.reference, inStage)), inStage);
    }
  }
  return { found, visited };

  function follow(mention: Mention, stage: number, variables: ReadonlyMap<string, string>): void {
    if (stage !== -1) toVisit.push(stage);
    // Nothing at all; no image can have this name.
    else if (mention.reference !== 'scratch')
      found.push({ ...mention, reference: expandVariables(mention.reference, variables) });
  }

  function named(reference: string): number {
    return /^\d+$/.test(reference) && Number(reference) < stages.length
      ? Number(reference)
      : byName(reference, stages.length);
  }

  /** The last one when none is asked for; -1 when there is no such stage. */
  function stageOf(name: string | undefined): number {
    return name === undefined ? stages.length - 1 : named(name);
  }
}

type Variables = ReadonlyMap<string, string>;

/** A build argument counts where an `ARG` declares it; what an `ENV` has set is not changed by one. */
export function declare(
  { kind, name, value }: Variable,
  known: Map<string, string>,
  args: Variables,
  globals?: Variables,
): void {
  const written = value === undefined ? globals?.get(name) : expandVariables(value, known);
  const set = kind === 'ENV' ? written : (args.get(name) ?? written);
  if (set !== undefined) known.set(name, set);
}

function add(instruction: Instruction, { globals, stages }: Containerfile): void {
  const keyword = instruction.getKeyword();
  const line = instruction.getRange().start.line + 1;
  const stage = stages.at(-1);
  if (keyword === 'FROM') {
    const [image = '', as, name] = words(instruction);
    stages.push({
      ...(as?.toLowerCase() === 'as' && name !== undefined ? { name: name.toLowerCase() } : {}),
      base: { kind: 'mention', reference: image, by: 'FROM', line },
      parts: [],
    });
  } else if (keyword === 'ARG' || keyword === 'ENV') {
    const variables = (instruction as Arg | Env).getProperties().map((property): Variable => {
      const value = property.getValue();
      return { kind: keyword, name: property.getName(), ...(value === null ? {} : { value }) };
    });
    (stage?.parts ?? globals).push(...variables);
  } else if (keyword === 'COPY') {
    // Its `getFromFlag` knows the flag only when it is the first.
    const from = (instruction as Copy).getFlags().find((flag) => flag.getName() === 'from');
    mention(from?.getValue(), 'COPY --from');
  } else if (keyword === 'RUN') {
    for (const flag of (instruction as Run).getFlags()) {
      if (flag.getName() === 'mount') mention(flag.getOption('from')?.getValue(), 'RUN --mount');
    }
  }

  function mention(reference: string | null | undefined, by: string): void {
    if (reference) stage?.parts.push({ kind: 'mention', reference, by, line });
  }
}

/** Without quotes, which engines take off. */
function words(instruction: Instruction): string[] {
  return (instruction.getArgumentsContent() ?? '')
    .trim()
    .split(/\s+/)
    .map((word) => word.replace(/["']/g, ''));
}
