import * as z from 'zod';

/** What was seen of an archive when it was read through. */
export interface ArchiveListing {
  files: ArchiveEntry[];
  /** Symbolic links and hard links, by which docker before 25 stores a layer once that two images have. */
  links: { name: string; to: string }[];
}

export interface ArchiveEntry {
  name: string;
  /** Of its content: `sha256:…`. */
  digest: string;
  bytes: number;
  /** Its text, if it is short and begins as JSON does. */
  json?: string;
  compressed?: 'gzip' | 'zstd';
}

/** A file of an image, as OCI manifests name it (https://github.com/opencontainers/image-spec/blob/main/descriptor.md). */
export interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
}

/** An image in an archive, all of whose files are there and are what their digests say. */
export interface ArchivedImage {
  tags: string[];
  /** Digest of its config, which is its id in every engine but a docker with containerd's image store. */
  config: string;
  /** Digests, the lowest layer first. */
  layers: string[];
  /** By which an OCI index names it: its manifest, or an index with its attestations. It is the other engines' id. */
  manifest: Descriptor;
  /** The manifest's text, if the archive had none and it was made here. */
  made?: string;
  /** All its files that the archive holds, and what they are called there. */
  blobs: { digest: string; name: string }[];
}

/** An archive that is not what it should be; the message says what was seen and what was expected. */
export class ArchiveError extends Error {}

const OCI = 'application/vnd.oci.image';
const MANIFEST = `${OCI}.manifest.v1+json`;
const MOST_IMAGES = 10_000;
/** An index within an index within an index is of nobody's making. */
const DEEPEST = 3;

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const descriptor = z.object({ mediaType: z.string(), digest, size: z.number().int().nonnegative() });
const dockerManifest = z
  .array(
    z.object({ Config: z.string(), RepoTags: z.array(z.string()).nullish(), Layers: z.array(z.string()).nullish() }),
  )
  .max(MOST_IMAGES);
const index = z.object({
  manifests: z.array(descriptor.extend({ annotations: z.record(z.string(), z.string()).optional() })).max(MOST_IMAGES),
});
const manifest = z.object({ config: descriptor, layers: z.array(descriptor) });
const config = z.object({ rootfs: z.object({ diff_ids: z.array(z.string()) }) });

/**
 * The images in an archive as docker and podman save them, or in an OCI layout
 * (https://github.com/opencontainers/image-spec/blob/main/image-layout.md), or both, as docker does since version 25.
 * `digestOf` makes the digest of a text. Throws an ArchiveError when a file is missing or is not what its digest says.
 */
export function readLayout(listing: ArchiveListing, digestOf: (text: string) => string): ArchivedImage[] {
  const files = namedFiles(listing);
  const byDigest = new Map(listing.files.map((file) => [file.digest, file]));
  const docker = files.get('manifest.json');
  const oci = files.get('index.json');
  const indexed = oci === undefined ? [] : readIndex(parse(index, oci, 'index.json').manifests, byDigest);
  if (docker === undefined) {
    if (oci === undefined) throw new ArchiveError('it holds no image: neither a manifest.json nor an index.json');
    return indexed.map(checkLayers);
  }
  return parse(dockerManifest, docker, 'manifest.json').map((item) => {
    const tags = item.RepoTags ?? [];
    const its = fileOf(item.Config);
    const known = indexed.find((image) => image.config === its.digest);
    if (known !== undefined) return checkLayers({ ...known, tags });
    const layers = (item.Layers ?? []).map(fileOf);
    const text = JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: { mediaType: `${OCI}.config.v1+json`, digest: its.digest, size: its.bytes },
      layers: layers.map((layer) => ({ mediaType: layerType(layer), digest: layer.digest, size: layer.bytes })),
    });
    return checkLayers({
      tags,
      config: its.digest,
      layers: layers.map((layer) => layer.digest),
      manifest: { mediaType: MANIFEST, digest: digestOf(text), size: Buffer.byteLength(text) },
      made: text,
      blobs: [its, ...layers].map(({ digest: of, name }) => ({ digest: of, name })),
    });
  });

  function fileOf(name: string): ArchiveEntry {
    const file = files.get(normal(name));
    if (file === undefined) throw new ArchiveError(`its manifest.json names ${name}, which is not there`);
    return file;
  }

  /** A config names the digests of its layers as they are unpacked, so that nothing can take a layer's place. */
  function checkLayers(image: ArchivedImage): ArchivedImage {
    const named = parse(config, byDigest.get(image.config) as ArchiveEntry, 'config').rootfs.diff_ids;
    if (named.length !== image.layers.length) {
      throw new ArchiveError(`image ${image.config} has ${image.layers.length} layers, expected ${named.length}`);
    }
    for (const [at, layer] of image.layers.entries()) {
      // What the digest of a compressed layer unpacks to is checked by the engine that loads it.
      if (byDigest.get(layer)?.compressed === undefined && layer !== named[at]) {
        throw new ArchiveError(`layer ${at + 1} of image ${image.config} is ${layer}, expected ${named[at]}`);
      }
    }
    return image;
  }
}

function readIndex(
  entries: z.infer<typeof index>['manifests'],
  byDigest: ReadonlyMap<string, ArchiveEntry>,
): ArchivedImage[] {
  const images = new Map<string, ArchivedImage>();
  for (const { annotations = {}, ...entry } of entries) {
    const tag = annotations['io.containerd.image.name'] ?? annotations['org.opencontainers.image.ref.name'];
    const known = images.get(entry.digest) ?? follow(entry, byDigest);
    images.set(entry.digest, tag === undefined ? known : { ...known, tags: [...known.tags, tag] });
  }
  return [...images.values()];
}

/** The image that a descriptor leads to: with an index the first in it that is there with all its layers. */
function follow(root: Descriptor, byDigest: ReadonlyMap<string, ArchiveEntry>): ArchivedImage {
  const blobs = new Set<string>();
  let found: Pick<ArchivedImage, 'config' | 'layers'> | undefined;
  visit(root, 0);
  if (found === undefined) throw new ArchiveError(`what its index.json names as ${root.digest} is not all there`);
  const { mediaType, digest: name, size } = root;
  const named = [...blobs].map((of) => ({ digest: of, name: (byDigest.get(of) as ArchiveEntry).name }));
  return {
    tags: [],
    ...(found as Pick<ArchivedImage, 'config' | 'layers'>),
    manifest: { mediaType, digest: name, size },
    blobs: named,
  };

  function visit(at: Descriptor, depth: number): void {
    const file = byDigest.get(at.digest);
    if (file === undefined || depth > DEEPEST || blobs.has(at.digest)) return;
    const below = index.safeParse(json(file));
    const here = manifest.safeParse(json(file));
    // Of another platform's image the manifest alone may be there.
    const whole = !here.success || [here.data.config, ...here.data.layers].every((one) => byDigest.has(one.digest));
    if (!below.success && (!here.success || !whole)) return;
    blobs.add(at.digest);
    for (const child of below.data?.manifests ?? []) visit(child, depth + 1);
    if (!here.success) return;
    for (const one of [here.data.config, ...here.data.layers]) blobs.add(one.digest);
    if (config.safeParse(json(byDigest.get(here.data.config.digest))).success) {
      found ??= { config: here.data.config.digest, layers: here.data.layers.map((layer) => layer.digest) };
    }
  }
}

/** The small files that make an archive of images beside their blobs, whose names are `blobs/sha256/…`. */
export function layoutFiles(images: readonly ArchivedImage[], format: 'docker' | 'oci'): Record<string, string> {
  const manifests = images.flatMap(({ manifest: { mediaType, digest: name, size }, tags }) =>
    tags.map((tag) => ({
      mediaType,
      digest: name,
      size,
      annotations: { 'io.containerd.image.name': fullName(tag), 'org.opencontainers.image.ref.name': tag },
    })),
  );
  const docker = images.map((image) => ({
    Config: blobName(image.config),
    RepoTags: image.tags,
    Layers: image.layers.map(blobName),
  }));
  return {
    'oci-layout': '{"imageLayoutVersion":"1.0.0"}',
    'index.json': JSON.stringify({ schemaVersion: 2, mediaType: `${OCI}.index.v1+json`, manifests }),
    ...(format === 'docker' ? { 'manifest.json': JSON.stringify(docker) } : {}),
  };
}

/** Where an OCI layout keeps a file. */
export function blobName(of: string): string {
  return `blobs/${of.replace(':', '/')}`;
}

/** As containerd names images: docker.io where a tag names no registry. */
function fullName(tag: string): string {
  const [first = '', ...rest] = tag.split('/');
  if (rest.length === 0) return `docker.io/library/${tag}`;
  return /[.:]/.test(first) || first === 'localhost' ? tag : `docker.io/${tag}`;
}

function layerType({ compressed }: ArchiveEntry): string {
  return `${OCI}.layer.v1.tar${compressed === undefined ? '' : `+${compressed}`}`;
}

/** The files by name, links among them by where they lead. */
function namedFiles({ files, links }: ArchiveListing): Map<string, ArchiveEntry> {
  const named = new Map(files.map((file) => [normal(file.name), file]));
  for (const { name, to } of links) {
    const target = named.get(normal(to)) ?? named.get(normal(`${name}/../${to}`));
    if (target !== undefined) named.set(normal(name), target);
  }
  return named;
}

/** Without `.`, `..` and a leading slash: a name within the archive, whatever was written. */
function normal(name: string): string {
  const parts: string[] = [];
  for (const part of name.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function parse<T>(schema: z.ZodType<T>, file: ArchiveEntry, name: string): T {
  const parsed = schema.safeParse(json(file));
  if (parsed.success) return parsed.data;
  const { path = [], message = '' } = parsed.error.issues[0] ?? {};
  throw new ArchiveError(`its ${name} is not what it should be: ${path.join('.')}: ${message}`);
}

function json(file: ArchiveEntry | undefined): unknown {
  try {
    return file?.json === undefined ? undefined : JSON.parse(file.json);
  } catch {
    return undefined;
  }
}
