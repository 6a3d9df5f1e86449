import { createHash } from 'node:crypto';
import type { ImageSpec } from './image-spec.js';

/** Raised when the same key would stand for something else. */
const SCHEMA = 1;

/** What decides an image beside its own settings; the images that it is built on come last, by `withBases`. */
export interface KeyFacts {
  engine: { name: string; dialect: string; version: string; address?: string };
  /** Of this machine, whose kind the engine builds for unless a platform is asked for. */
  os: string;
  arch: string;
  /** Variables of the environment that engines go by, or that build arguments take their value from. */
  environment: Readonly<Record<string, string | undefined>>;
  /** Its text. */
  containerfile: string;
  /** Hash of what a build can see of the context. */
  context: string;
  /** By name the hash of each folder that is a build context. */
  folders: Readonly<Record<string, string>>;
  /** By name the ids of the images of this run that it needs. */
  needs: Readonly<Record<string, string>>;
}

/** Variables by which engines choose where and for what they build, and how they write it down. */
const TELLING_VARIABLES = [
  'BUILDAH_FORMAT',
  'CONTAINER_CONNECTION',
  'CONTAINER_HOST',
  'DOCKER_CONTEXT',
  'DOCKER_DEFAULT_PLATFORM',
  'DOCKER_HOST',
  'SOURCE_DATE_EPOCH',
];

/**
 * One word, of hexadecimal digits, for everything that decides an image but the images that it is built on. Of secrets only
 * their ids count, and nothing counts that leaves the image as it is: its name, tags, and limits of time.
 */
export function contentsKey(image: ImageSpec, facts: KeyFacts): string {
  const { engine, environment } = facts;
  const [major, minor] = engine.version.split('.');
  return hash([
    SCHEMA,
    [engine.name, engine.dialect, `${major}.${minor}`, engine.address ?? null],
    [facts.os, facts.arch, image.platforms],
    image.target ?? null,
    facts.containerfile,
    facts.context,
    inOrder(image.buildArgs).map(([name, value]) => [name, value ?? environment[name] ?? null]),
    inOrder(image.labels),
    inOrder(image.buildContexts).map(([name, value]) => [name, facts.folders[name] ?? value]),
    inOrder(facts.needs),
    Object.keys(image.secrets).sort(),
    image.extraArgs,
    TELLING_VARIABLES.map((name) => environment[name] ?? null),
  ]);
}

/** The key of an image: its contents', with the ids of the images that it is built on by their references. */
export function withBases(contents: string, bases: Readonly<Record<string, string>>): string {
  return hash([contents, inOrder(bases)]);
}

function hash(of: unknown): string {
  return createHash('sha256').update(JSON.stringify(of)).digest('hex');
}

/** By code units, as a locale's order differs between machines. */
function inOrder<T>(values: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
}
