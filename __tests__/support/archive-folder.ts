import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Listed {
  name: string;
  tags: string[];
  id: string;
  config: string;
  digest: string;
  file: string;
  bytes: number;
  sha256: string;
}

/** What images.json of a folder lists, by name. */
export function listOf(folder: string): Record<string, Listed> {
  const { images } = JSON.parse(readFileSync(join(folder, 'images.json'), 'utf8')) as { images: Listed[] };
  return Object.fromEntries(images.map((image) => [image.name, image]));
}

/** All names in a folder, hidden ones too. */
export function namesIn(folder: string): string[] {
  return readdirSync(folder).sort();
}

/** Digest of the config that skopeo finds in an archive; throws what it says when it finds none. */
export function skopeoConfig(reference: string): string {
  const { status, stdout, stderr } = spawnSync('skopeo', ['inspect', '--raw', reference], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`skopeo inspect ${reference}: ${stderr}`);
  return (JSON.parse(stdout) as { config: { digest: string } }).config.digest;
}

/** What has been installed: the tests say why they leave something out. */
export function hasSkopeo(): boolean {
  return spawnSync('skopeo', ['--version']).status === 0;
}
