/** Access to /proc; paths are relative to it, such as `stat` or `123/status`. */
export interface ProcFiles {
  /** The text of a file; undefined where it cannot be read. */
  read(path: string): string | undefined;
  /** The names in a folder; undefined where it cannot be read. */
  list(path: string): string[] | undefined;
  /** Where a link points; undefined where it cannot be read. */
  link(path: string): string | undefined;
}
