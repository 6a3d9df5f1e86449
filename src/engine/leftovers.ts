import type { Command } from './engine.js';

/** Something in an engine's storage that a build may have left there. */
export interface Stored {
  id: string;
  /** Id of the image that it is made on; empty when it is made on none, or that is not told. */
  base: string;
  /** Milliseconds since the epoch; absent where the engine does not tell. */
  bornAt?: number;
  /** It is made on a layer under the name that only a build gives it, and only while it goes on. */
  midway?: boolean;
}

/**
 * How an engine's storage is looked through for what interrupted builds left, and how that is removed. Nothing here
 * removes by a filter: each id is named, so that nothing of anybody else's can be hit.
 */
export interface LeftoverCommands {
  /** Lists containers that builds work in. */
  containers(): Command;
  readContainers(stdout: string): Stored[];
  removeContainers(ids: string[]): Command;
  /** Undefined where a layer cannot be removed without what it is built on, which others may use. */
  layers?: {
    /** Lists images that have no name and that nothing is built on. */
    list(): Command;
    read(stdout: string): Stored[];
    /** Refuses images that are in use. */
    remove(ids: string[]): Command;
  };
  /** Prints the folder in which builds keep their temporary files; undefined where that cannot be asked. */
  temporaryFolder?(): Command;
}

/** Rows of columns that a `--format` with tabs printed; those with fewer columns are left out. */
export function readRows(stdout: string, columns: number): string[][] {
  return stdout
    .split('\n')
    .map((line) => line.split('\t'))
    .filter((row) => row.length >= columns);
}

/**
 * A time as Go prints it, `2026-11-24 01:13:10.518514466 +0000 UTC`, in milliseconds since the epoch
 * (https://pkg.go.dev/time#Time.String).
 */
export function readGoTime(text: string): number | undefined {
  const parts = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,3})?)\d* ([+-]\d\d)(\d\d)/.exec(text);
  if (parts === null) return undefined;
  const at = Date.parse(`${parts[1]}T${parts[2]}${parts[3]}:${parts[4]}`);
  return Number.isNaN(at) ? undefined : at;
}

/** The thing as stored, its id without the algorithm before it. */
export function stored(id: string, base: string, bornAt: number | undefined): Stored {
  return { id: bare(id), base: bare(base), ...(bornAt === undefined ? {} : { bornAt }) };
}

function bare(id: string): string {
  return id.replace(/^sha256:/, '');
}
