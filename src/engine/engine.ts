import type { BuiltImage, EngineFacts } from '../journal/events.js';
import type { ImageSpec } from '../plan/image-spec.js';
import type { ApiRequest } from './api.js';
import type { LeftoverCommands } from './leftovers.js';
import type { ListBuild } from './manifest-list.js';
import type { Push } from './push.js';
import type { RemovalCommands } from './removal.js';
import type { EngineServer } from './server.js';

/** The programs that engines are driven by. */
export const ENGINE_COMMANDS = ['podman', 'docker', 'buildah'] as const;

/** A command as data: never a shell string. `env` is added to the process's environment. */
export interface Command {
  file: string;
  args: string[];
  env: Record<string, string>;
  /** Where it is run, absolute; absent means where this process is. */
  folder?: string;
}

/** What an engine can be asked: by a short command, or by its HTTP API where that can be reached. */
export type Question = Command | ApiRequest;

/**
 * The answer to a question. `code` is a command's exit code, 0 for an API's status 200 and else that status; it is absent
 * when the command was not found, or nothing came in time.
 */
export interface Answer {
  code?: number;
  /** A command's output, or the body. */
  stdout: string;
  stderr: string;
  /** The API's `Server` header. */
  server?: string;
  /** Why there is no exit code. */
  failure?: string;
}

/** An engine as we drive it: facts, and pure functions from what we want to the command that does it. */
export interface Engine {
  facts: EngineFacts;
  /** Builds one image of layers that may be reused, and writes its id to `iidfile`, or makes its list. */
  build(image: ImageSpec, iidfile: string, reuse: Reuse): Command;
  /** What becomes of a build that leaves a list of images, one for each platform; undefined for one that leaves an image. */
  list(image: ImageSpec, iidfile: string): ListBuild | undefined;
  /** Pushes a built image under one of its tags, with the engine's own login. */
  push(image: ImageSpec, tag: string): Push;
  /** Answers with code 0 as long as the engine is alive. */
  ping(): Question;
  /** Streams the engine's events for as long as it lives; undefined for an engine without a server. */
  events(): Question | undefined;
  /** Commands that may bring the engine's server back on this platform, in order. */
  restart(on: Platform): Command[];
  /** Shows the image with this id or tag, or fails when the engine has none. */
  inspect(idOrTag: string): Question;
  /** Saves the image with this id, without tags, as an archive in docker's format, to a path where nothing is. */
  saveUntagged(id: string, path: string): Command;
  /** Gives the image with this id a tag, and takes it from the image that had it. */
  tag(id: string, tag: string): Command;
  /**
   * Makes known which image a registry has under this reference, with the engine's own login: fetches it, or prints its digest
   * (`readDigest`), where a build would not use what was fetched.
   */
  findBase(reference: string): { command: Command; readDigest?(stdout: string): string | undefined };
  /** Loads the one image that an archive holds, with its tags. */
  load(path: string): Command;
  /** The tag as the engine's own archives name it. */
  fullTag(tag: string): string;
  /** Reads what `inspect` printed. */
  readInspect(stdout: string): BuiltImage | undefined;
  /** The name under which this tag of an image is found where short names are not known. */
  fullName(tag: string): string;
  /** Which of an image's full names go into one archive together: all of them, where the engine can do that. */
  namesByArchive(names: string[]): string[][];
  /** Writes the image with this id, under these full names, to an archive in docker's format. */
  save(id: string, names: string[], file: string): Command;
  /** Prints the name of the engine's machine, a tab, and the folder where it keeps its images. */
  storage(): Command;
  /** How to find and remove what interrupted builds left; undefined for an engine that sees to it by itself. */
  leftovers(): LeftoverCommands | undefined;
  /** Lists all images, with those of steps, as JSON with their times; undefined where layers' ages are of no use. */
  imageTimes?(): Command;
  /** How images that were built are removed. */
  removal(): RemovalCommands;
  /** The server that does the work; undefined when there is none. */
  server: EngineServer | undefined;
  /** What this image asks for that the engine cannot do. */
  unsupported(image: ImageSpec): Unsupported[];
}

/**
 * Which layers a build may reuse: all that the engine has, none, or those that are younger than so many milliseconds (at
 * least 1). An engine that cannot tell how old a layer is reuses none then.
 */
export type Reuse = { kind: 'cache' } | { kind: 'none' } | { kind: 'since'; ms: number };

/** A key of an image that an engine cannot honour, and what the user can do. */
export interface Unsupported {
  key: string;
  hint: string;
}

/** The machine as far as it decides how an engine's server is restarted. */
export interface Platform {
  os: string;
  /** Whether we are root, so that system services can be restarted without sudo. */
  root: boolean;
}

/** What the user asked for, as far as it decides which engine is taken. */
export interface EngineRequest {
  engine: 'auto' | 'podman' | 'docker' | 'buildah';
  engineUrl?: string;
  builder?: string;
}
