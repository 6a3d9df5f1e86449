import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  type ArchivedImage,
  type ArchiveEntry,
  blobName,
  layoutFiles,
  readLayout,
} from '../../src/handoff/archive-layout.js';

const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

function file(name: string, content: string | object, more: Partial<ArchiveEntry> = {}): ArchiveEntry {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  const json = /^[[{]/.test(text) ? { json: text } : {};
  return { name, digest: digestOf(text), bytes: text.length, ...json, ...more };
}

const LAYERS = ['base', 'app'];
const CONFIG = { os: 'linux', rootfs: { type: 'layers', diff_ids: LAYERS.map(digestOf) } };
const ID = digestOf(JSON.stringify(CONFIG));

/** As podman saves an image, or docker before 25. */
const docker = (layers = LAYERS): ArchiveEntry[] => [
  ...layers.map((layer, at) => file(`${at}/layer.tar`, layer)),
  file('config.json', CONFIG),
  file('manifest.json', [
    { Config: 'config.json', RepoTags: ['api:e2e'], Layers: layers.map((_, at) => `${at}/layer.tar`) },
  ]),
];

const blob = (content: string | object) => {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return file(blobName(digestOf(text)), text);
};
const describes = (entry: ArchiveEntry, mediaType = 'x') => ({ mediaType, digest: entry.digest, size: entry.bytes });
const manifestOf = (config: ArchiveEntry, layers: ArchiveEntry[]) =>
  blob({ schemaVersion: 2, config: describes(config), layers: layers.map((layer) => describes(layer)) });

const read = (files: ArchiveEntry[], links: { name: string; to: string }[] = []) =>
  readLayout({ files, links }, digestOf);

describe('an archive as docker and podman save them', () => {
  it('has the image with its tags, and gets a manifest', () => {
    const [image] = read(docker());
    expect(image).toMatchObject({ tags: ['api:e2e'], config: ID, layers: LAYERS.map(digestOf) });
    expect(image?.manifest.digest).toBe(digestOf(image?.made as string));
    expect(image?.blobs.map(({ name }) => name)).toEqual(['config.json', '0/layer.tar', '1/layer.tar']);
  });

  it('has a layer by a link where two images share it', () => {
    const files = docker().filter(({ name }) => name !== '0/layer.tar');
    const [image] = read(
      [...files, file('shared/layer.tar', 'base')],
      [{ name: '0/layer.tar', to: '../shared/layer.tar' }],
    );
    expect(image?.layers).toEqual(LAYERS.map(digestOf));
  });

  it.each<[string, ArchiveEntry[], RegExp]>([
    ['without a manifest', [file('x', 'y')], /neither a manifest\.json nor an index\.json/],
    ['without a layer', docker().slice(1), /names 0\/layer\.tar, which is not there/],
    ['with another layer', docker(['base', 'evil']), /^layer 2 of image sha256:\S+ is sha256:\S+, expected sha256:/],
    ['with a layer too few', docker(['base']), /has 1 layers, expected 2/],
    [
      'with a manifest of another shape',
      [file('manifest.json', { a: 1 })],
      /its manifest\.json is not what it should be/,
    ],
    [
      'with a config that is none',
      [file('c', '{}'), file('manifest.json', [{ Config: 'c' }])],
      /its config is not what it should be: rootfs/,
    ],
  ])('is refused %s', (_name, files, message) => {
    expect(() => read(files)).toThrow(message);
  });
});

describe('an archive with an OCI index', () => {
  const layers = LAYERS.map(blob);
  const config = blob(CONFIG);
  const manifest = manifestOf(config, layers);
  const annotations = { 'org.opencontainers.image.ref.name': 'localhost/api:e2e' };

  it('has the image that its index names, by each of its tags', () => {
    const other = { 'org.opencontainers.image.ref.name': 'localhost/api:other' };
    const index = file('index.json', {
      manifests: [annotations, other].map((tag) => ({ ...describes(manifest), annotations: tag })),
    });
    const [image, ...more] = read([...layers, config, manifest, index]);
    expect(more).toEqual([]);
    expect(image).toMatchObject({
      tags: ['localhost/api:e2e', 'localhost/api:other'],
      config: ID,
      manifest: { digest: manifest.digest },
    });
    expect(image?.made).toBeUndefined();
  });

  it('keeps the attestations of an image, and is known by the digest of both', () => {
    const statement = blob({ predicate: 1 });
    const attested = manifestOf(statement, [statement]);
    const both = blob({ manifests: [describes(manifest), describes(attested)] });
    const missing = { mediaType: 'x', digest: digestOf('arm64'), size: 1 };
    const index = file('index.json', { manifests: [{ ...describes(both), annotations }, missing].slice(0, 1) });
    const [image] = read([...layers, config, manifest, statement, attested, both, index]);
    expect(image).toMatchObject({ config: ID, manifest: { digest: both.digest } });
    const digests = image?.blobs.map(({ digest }) => digest) ?? [];
    for (const one of [...layers, config, manifest, statement, attested, both]) expect(digests).toContain(one.digest);
  });

  it('is refused when a file that it names is not there, or is another than its name says', () => {
    const index = file('index.json', { manifests: [{ ...describes(manifest), annotations }] });
    expect(() => read([...layers.slice(1), config, manifest, index])).toThrow(/is not all there/);
    const forged = { ...(layers[0] as ArchiveEntry), digest: digestOf('evil') };
    expect(() => read([forged, ...layers.slice(1), config, manifest, index])).toThrow(/is not all there/);
  });
});

describe('what is written', () => {
  const [image] = read(docker()) as [ArchivedImage];

  it('is read back as the same images', () => {
    const texts = Object.entries(layoutFiles([{ ...image, tags: ['api:e2e', 'localhost:5000/api:1'] }], 'docker'));
    const files = [
      ...texts.map(([name, text]) => file(name, text)),
      ...LAYERS.map(blob),
      blob(CONFIG),
      blob(image.made as string),
    ];
    expect(read(files)).toMatchObject([
      { config: ID, tags: ['api:e2e', 'localhost:5000/api:1'], manifest: image.manifest },
    ]);
    const oci = read(files.filter(({ name }) => name !== 'manifest.json'));
    expect(oci).toMatchObject([{ config: ID, manifest: image.manifest }]);
  });

  it.each([
    ['api:e2e', 'docker.io/library/api:e2e'],
    ['team/api:e2e', 'docker.io/team/api:e2e'],
    ['localhost/api:e2e', 'localhost/api:e2e'],
    ['ghcr.io/team/api:1', 'ghcr.io/team/api:1'],
  ])('names %s for containerd as %s', (tag, full) => {
    const index = layoutFiles([{ ...image, tags: [tag] }], 'oci')['index.json'] as string;
    expect(JSON.parse(index).manifests[0].annotations).toEqual({
      'io.containerd.image.name': full,
      'org.opencontainers.image.ref.name': tag,
    });
  });
});
