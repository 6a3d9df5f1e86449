/** An image in a folder of archives. */
export interface ArchiveSource {
  name: string;
  tags: string[];
  /** Absolute path of the archive that holds it. */
  path: string;
  /** Digest of its config, by which it is found in the archive. */
  config: string;
  /** The ids by which an engine may know it once it is loaded. */
  ids: string[];
  /** The archive holds this image alone, and every engine reads it as it is. */
  plain: boolean;
}
