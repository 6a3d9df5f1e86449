import type { ImageSpec } from '../plan/image-spec.js';
import type { Command, Question } from './engine.js';
import { field, readJson } from './server.js';

/** What becomes of a build that leaves a list of images, one for each platform. */
export interface ListBuild {
  /** Forgets the name under which the list is built; undefined where it is built under its tags. */
  forget?: Command;
  /** Shows the list that was made. */
  show: Command;
  /** Gives the list its tags. */
  tag?: Command;
  /** Shows the image in the list that is for the engine's own platform; fails where there is none. */
  inspect?: Question;
}

/** A list as an engine or a registry shows it. */
export interface ShownList {
  /** `os/architecture[/variant]` of each image in it. */
  platforms: string[];
  /** Of its first image. */
  first?: string;
  /** Of the list itself, where that is said. */
  digest?: string;
}

/** Whether the image is built for several platforms, and so is a list of images. */
export function isList(image: ImageSpec): boolean {
  return image.platforms.length > 1;
}

/**
 * The name under which podman and buildah build a list, which no other run has. Under the image's own tag they would add to
 * the list that has it, of an earlier attempt or run, and refuse after the build if an image has it (seen: podman 4.3.1).
 */
export function listName(iidfile: string): string {
  const own = iidfile
    .split(/[\\/]/)
    .slice(-2)
    .join('-')
    .replace(/\.\d+\.iid$/, '');
  const slug = own
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return `localhost/e2e-build-action/${slug}:list`;
}

/** Reads a list in the JSON of docker and of OCI; undefined when it is something else. */
export function readList(stdout: string): ShownList | undefined {
  const list = readJson(stdout);
  const entries = field(list, 'manifests');
  if (!Array.isArray(entries)) return undefined;
  const shown = entries.flatMap((entry: unknown) => {
    const [os, architecture, variant] = ['os', 'architecture', 'variant'].map((name) => field(entry, 'platform', name));
    // Attestations stand in lists too, for a platform that is unknown.
    if (typeof os !== 'string' || typeof architecture !== 'string' || os === 'unknown') return [];
    const platform = [os, architecture, ...(typeof variant === 'string' && variant !== '' ? [variant] : [])].join('/');
    return [{ platform, digest: readDigest(field(entry, 'digest')) }];
  });
  const first = shown[0]?.digest;
  const digest = readDigest(field(list, 'digest'));
  return {
    platforms: shown.map(({ platform }) => platform),
    ...(first === undefined ? {} : { first }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** The platforms that were asked for and are not in the list; a variant counts where both name one. */
export function missingPlatforms(asked: readonly string[], had: readonly string[]): string[] {
  const known = had.map(platformParts);
  return asked.filter((platform) => {
    const [os, architecture, variant] = platformParts(platform);
    // Words such as `local` are for the engine to read.
    if (architecture === undefined) return false;
    return !known.some(
      (other) =>
        other[0] === os &&
        other[1] === architecture &&
        (variant === undefined || other[2] === undefined || other[2] === variant),
    );
  });
}

/** A digest as registries write it; undefined for anything else. */
export function readDigest(value: unknown): string | undefined {
  return typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value) ? value : undefined;
}

/** https://github.com/containerd/platforms/blob/main/database.go has the other names of these two. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64' };

function platformParts(platform: string): [string, string?, string?] {
  const [os = '', architecture, variant] = platform.toLowerCase().split('/');
  if (architecture === undefined) return [os];
  return variant === undefined
    ? [os, ARCHITECTURES[architecture] ?? architecture]
    : [os, ARCHITECTURES[architecture] ?? architecture, variant];
}
