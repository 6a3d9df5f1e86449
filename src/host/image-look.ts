import { isAbsolute } from 'node:path';
import type { Look } from '../build/restorer.js';
import type { Answer, Command, Engine, Question } from '../engine/engine.js';
import { contentsKey } from '../plan/image-key.js';
import type { ImageSpec } from '../plan/image-spec.js';
import { isReference, plainTag } from '../plan/reference.js';
import { sourcesOf, whyNotReusable } from '../plan/reusable.js';
import { containerfileReader } from './containerfile.js';
import { type ContextHash, hashFolder } from './context-hash.js';
import { sureIgnoreFile } from './ignore-file.js';

/** Looks at once: more would only share the disk with each other, and with builds. */
const AT_ONCE = 2;
/** For one look; what takes longer can as well be built. */
const LIMIT_MS = 30_000;
/** Such a base image is another than the one that the engine would fetch by its reference alone. */
const FOREIGN_PLATFORM = /^[ \t]*FROM[ \t]+--platform=/im;
/** What is so named is of one content only. */
const DIGEST = /@(sha256:[0-9a-f]{64})$/;

/**
 * How to look at all that decides an image: its settings, its Containerfile, what its build can see of its folders, and the
 * ids of the images that it is built on. What has not been touched between two looks is read once.
 */
export function createImageLook(of: {
  engine: Engine;
  /** All of the run, as images are found by the tags of others. */
  images: readonly ImageSpec[];
  /** The builder that was asked for, which may have images of its own. */
  builder: string | undefined;
  ask(question: Question): Promise<Answer>;
  /** Runs a command that may take long; absent: a base image that the engine does not have is missing. */
  work?(command: Command): Promise<Answer>;
  environment: NodeJS.ProcessEnv;
  signal: AbortSignal;
}): (image: ImageSpec, built: ReadonlyMap<string, string>) => Promise<Look> {
  const { engine, images, builder, ask, environment, signal } = of;
  const finding = new Map<string, Promise<Answer>>();
  const read = containerfileReader('/');
  const owners = new Map(images.flatMap(({ name, tags }) => tags.map((tag): [string, string] => [plain(tag), name])));
  const hashes = new Map<string, Promise<ContextHash | undefined>>();
  const lines: Promise<unknown>[] = Array.from({ length: AT_ONCE }, () => Promise.resolve());
  let next = 0;

  return (image, built) => {
    const line = next % AT_ONCE;
    next += 1;
    const looked = (lines[line] as Promise<unknown>)
      .then(() => look(image, built))
      .catch((error: unknown): Look => ({ why: error instanceof Error ? error.message : String(error) }));
    lines[line] = looked;
    return looked;
  };

  async function look(image: ImageSpec, built: ReadonlyMap<string, string>): Promise<Look> {
    if (builder !== undefined) return { why: 'the builder may have images of its own' };
    const setting = whyNotReusable(image);
    if (setting !== undefined) return { why: setting };
    const file = image.file as string;
    const containerfile = read(file);
    if (containerfile === undefined) return { why: 'its Containerfile cannot be read' };
    const sources = await sourcesOf(image, containerfile, environment);
    if ('why' in sources) return sources;

    const { dialect } = engine.facts;
    const context = await hash(image.context, sureIgnoreFile(dialect, image.context, file));
    if (context === undefined) return { why: 'its context cannot be read, or is too large' };
    const folders: Record<string, string> = {};
    for (const [name, folder] of Object.entries(image.buildContexts)) {
      if (!isAbsolute(folder)) continue;
      // Engines differ in whether they go by its ignore file.
      const hashed = await hash(folder, undefined);
      if (hashed === undefined) return { why: `its build context "${name}" cannot be read, or is too large` };
      folders[name] = hashed.hash;
    }
    const needs: Record<string, string> = {};
    for (const need of image.needs) {
      const id = built.get(need);
      if (id === undefined) return { why: `which image "${need}" is, that it needs, is not known` };
      needs[need] = id;
    }
    const { os, arch } = { os: process.platform, arch: process.arch };
    const facts = { engine: engine.facts, os, arch, environment, containerfile, context: context.hash, folders, needs };
    const contents = contentsKey(image, facts);
    return { contents, ...(await findBases(sources.images, built, !FOREIGN_PLATFORM.test(containerfile))) };
  }

  async function findBases(
    references: readonly string[],
    built: ReadonlyMap<string, string>,
    finds: boolean,
  ): Promise<{ bases: Record<string, string>; missing?: string }> {
    const bases: Record<string, string> = {};
    let missing: string | undefined;
    for (const reference of references) {
      const id =
        built.get(owners.get(plain(reference)) ?? '') ??
        DIGEST.exec(reference)?.[1] ??
        (await idInEngine(reference)) ??
        (finds ? await idByRegistry(reference) : undefined);
      if (id === undefined) missing ??= reference;
      else bases[reference] = id;
    }
    return { bases, ...(missing === undefined ? {} : { missing }) };
  }

  /** Its build would fetch it as well, so that nothing is lost if there has to be one. */
  async function idByRegistry(reference: string): Promise<string | undefined> {
    if (of.work === undefined || !isReference(reference)) return undefined;
    const { command, readDigest } = engine.findBase(reference);
    const known = finding.get(reference) ?? of.work(command);
    finding.set(reference, known);
    const { code, stdout } = await known;
    if (code !== 0) return undefined;
    return readDigest === undefined ? idInEngine(reference) : readDigest(stdout);
  }

  async function idInEngine(reference: string): Promise<string | undefined> {
    const answer = await ask(engine.inspect(reference));
    return answer.code === 0 ? engine.readInspect(answer.stdout)?.id : undefined;
  }

  /** Several images may have the same context, and each is looked at twice. */
  async function hash(folder: string, ignoreFile: string | undefined): Promise<ContextHash | undefined> {
    const place = JSON.stringify([folder, ignoreFile]);
    const known = await hashes.get(place);
    const limited = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
    const hashed = hashFolder(folder, ignoreFile, limited, known);
    hashes.set(place, hashed);
    return hashed;
  }
}

function plain(reference: string): string {
  return plainTag(reference) ?? reference;
}
