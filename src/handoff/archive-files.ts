import type { ArchivedImage } from './archive-layout.js';

/** How an archive is written. */
export interface ArchiveStyle {
  /** `docker`: what `docker load` and `podman load` read, an OCI layout with docker's manifest.json; `oci`: without that. */
  format: 'docker' | 'oci';
  compression: 'none' | 'zstd';
}

/** What archives are on disk. Paths are relative to the workspace, or absolute. */
export interface ArchiveFiles {
  /**
   * Reads an archive through, compressed or not. Throws an ArchiveError when it is not a whole archive of images, and the
   * signal's reason when that aborts.
   */
  read(path: string, signal: AbortSignal): Promise<ArchivedImage[]>;
  /** Begins an archive under a name that no reader takes for it; nothing is at its path until it is finished. */
  begin(path: string, style: ArchiveStyle): Promise<ArchiveWriter>;
  /** Writes a text file whole: whoever reads it sees the old one or the new one. */
  writeWhole(path: string, text: string): Promise<void>;
  /** The digest of a text: `sha256:…`. */
  digestOf(text: string): string;
}

/** An archive that is being written. */
export interface ArchiveWriter {
  /**
   * Adds an image of another archive, of whose files it takes those that it has not yet. Images that are added at the same
   * time wait for each other. After an add that failed nothing can be added or finished.
   */
  add(from: string, image: ArchivedImage, signal: AbortSignal): Promise<void>;
  /** Writes it to its end, to the disk, and puts it at its path, in the place of whatever file is there. */
  finish(): Promise<{ bytes: number; sha256: string }>;
  /** Removes what was written. */
  discard(): Promise<void>;
}
