import type { Command } from '../engine/engine.js';
import type { BuiltImage, ClientDialect, Ending, VerdictClass } from '../journal/events.js';
import type { ImageSpec } from '../plan/image-spec.js';
import type { ArchiveFiles } from './archive-files.js';

/** Somewhere that built images go: a cluster, a folder of archives, a registry. */
export interface HandOff {
  /** What reports call it: `kind:NAME`, `archive`, `push`. */
  to: string;
  /** Whether an image is to be handed over here; absent: every image is. */
  takes?(image: ImageSpec): boolean;
  /** Whether each image is first saved to the run's own folder; and the folder that it goes to then, where that is on this machine. */
  saves?: { folder?: string };
  /** One try to hand an image over, with a turn of its own in the lane of hand-offs; never throws but for a bug. */
  attempt(image: ImageSpec, built: BuiltImage, tools: HandOffTools): Promise<HandedOver | HandOffFailed>;
  /**
   * What is left to do once, after the last image has ended, whatever came of them; needs no engine, and never throws but
   * for a bug. Resolves with a sentence on what could not be done.
   */
  finish?(archives: ArchiveFiles): Promise<string | undefined>;
}

/** What one try may use. */
export interface HandOffTools {
  /** Runs a command to its end, with its output in the try's log; it is ended past the image's timeout, or when the run ends. */
  run(command: Command): Promise<Ran>;
  /** Waits so many milliseconds, or until the run ends. */
  wait(ms: number): Promise<void>;
  /** A path in the run's own folder that no other try has; whatever is there is removed after the try. */
  temporaryFile(name: string): string;
  archives: ArchiveFiles;
  /** Aborts when the run is cancelled, or out of time. */
  signal: AbortSignal;
  /** Reads a file of one line and removes it; undefined when there is none, or nothing in it. */
  takeLine(path: string): string | undefined;
  /**
   * A file of the image that its other tries and hand-offs have a use for too: `make` writes it once, to a path in the run's own
   * folder that nothing has been at, and it is removed after the last of them. Where `make` fails, what is there is removed at
   * once, and the next that asks makes it anew.
   */
  keptFile(
    name: string,
    make: (path: string) => Promise<HandOffFailed | undefined>,
  ): Promise<{ path: string } | HandOffFailed>;
}

/** How a command ended, and the last that it printed on each stream. */
export interface Ran {
  command: Command;
  ending: Ending;
  stdout: string;
  stderr: string;
  /** The last of both streams, as they came. */
  tail: string;
}

export interface HandedOver {
  failed?: undefined;
  /** What came of it, in a few words: `loaded into 2 nodes`, `already there`. */
  said: string;
  /** The digest under which it can be found there. */
  digest?: string;
  bytes?: number;
}

/**
 * Why a try failed: a command that failed, read as its dialect's words are (the engine's own, where none is named), with a
 * sentence on what that means where the words do not say; `missing`: what is not there though the command succeeded. Or only
 * a sentence on what is wrong, which is a usage-error unless it says what else.
 */
export type HandOffFailed =
  | { failed: Ran; dialect?: ClientDialect; said?: string; missing?: string }
  | { failed: string; as?: VerdictClass };
