import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';

export const digestOf = (content: string | Buffer): string =>
  `sha256:${createHash('sha256').update(content).digest('hex')}`;

/** Writes an archive as podman saves one image; returns the image's id. */
export async function writeDockerArchive(path: string, layers: (string | Buffer)[]): Promise<string> {
  const tar = pack();
  const config = JSON.stringify({ rootfs: { type: 'layers', diff_ids: layers.map(digestOf) } });
  const written = pipeline(tar, createWriteStream(path));
  for (const [at, layer] of layers.entries()) tar.entry({ name: `${at}.tar` }, layer);
  tar.entry({ name: 'config.json' }, config);
  const names = layers.map((_, at) => `${at}.tar`);
  tar.entry({ name: 'manifest.json' }, JSON.stringify([{ Config: 'config.json', RepoTags: [], Layers: names }]));
  tar.finalize();
  await written;
  return digestOf(config);
}
