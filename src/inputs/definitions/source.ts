import type { Disk } from '../disk.js';
import type { ReadDocument } from '../document.js';
import type { ImageInput, Problem } from '../inputs.js';

/** A definition file that was read. */
export interface DefinitionText {
  /** As the user wrote it. */
  path: string;
  /** Absolute. */
  absolute: string;
  text: string;
  /** What it holds where it is YAML or JSON; read when it is asked for, and once. */
  document(): ReadDocument;
  /** Takes so many values more of what all files may have; a problem when that is too much. */
  takeValues(count: number): Problem | undefined;
}

/** What definition files define. */
export interface Definitions {
  images: ImageInput[];
  problems: Problem[];
  /** A sentence for each file that says who read it, and what there is to know about that. */
  notices: string[];
}

/** A command that is asked to resolve a definition file; it is run in the workspace. */
export interface ToolQuestion {
  file: string;
  args: string[];
}

/** What the command said; `code` is absent when it is not installed, or said nothing in time. */
export interface ToolAnswer {
  code?: number;
  stdout: string;
  stderr: string;
  /** Why there is no code. */
  failure?: string;
}

/** What reading definition files does to the world. */
export interface DefinitionEffects {
  /** Absolute path. */
  workspace: string;
  disk: Disk;
  environment: Readonly<Record<string, string | undefined>>;
  /** The text of a file, or why there is none. */
  read(path: string): { text: string } | { failure: string };
  /** Runs a command for at most `limitMs`. */
  ask(question: ToolQuestion, limitMs: number): Promise<ToolAnswer>;
}

/** Of a run without definition files. */
export const NO_DEFINITIONS: Definitions = { images: [], problems: [], notices: [] };
