import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ArchiveStyle } from '../../src/handoff/archive-files.js';
import type { ArchivedImage } from '../../src/handoff/archive-layout.js';
import { createArchiveFiles, removePartialArchives } from '../../src/host/archive-files.js';
import { namesIn } from '../support/archive-folder.js';
import { digestOf, writeDockerArchive } from '../support/docker-archive.js';

const PLAIN: ArchiveStyle = { format: 'docker', compression: 'none' };
const never = new AbortController().signal;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'e2e-archive-files-'));
  mkdirSync(join(folder, 'out'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const files = () => createArchiveFiles(folder, 'scratch-1');
/** Saves an image of these layers, and reads what was saved. */
async function saved(name: string, layers: (string | Buffer)[]): Promise<{ path: string; image: ArchivedImage }> {
  const path = join(folder, name);
  await writeDockerArchive(path, layers);
  const [image] = await files().read(path, never);
  return { path, image: { ...(image as ArchivedImage), tags: [`${name}:e2e`] } };
}

describe('an archive', () => {
  it.each<ArchiveStyle>([
    PLAIN,
    { format: 'docker', compression: 'zstd' },
    { format: 'oci', compression: 'none' },
    { format: 'oci', compression: 'zstd' },
  ])('has the images that were added, and is what its figures say: %j', async (style) => {
    const base = randomBytes(300_000);
    const [one, two] = [await saved('one', [base, 'one']), await saved('two', [base, 'two'])];
    const writer = await files().begin('out/all.tar', style);
    await Promise.all([one, two].map(({ path, image }) => writer.add(path, image, never)));
    expect(namesIn(join(folder, 'out'))).toEqual(['.1.scratch-1.part']);
    const { bytes, sha256 } = await writer.finish();
    expect(namesIn(join(folder, 'out'))).toEqual(['all.tar']);

    const content = readFileSync(join(folder, 'out/all.tar'));
    expect([content.length, digestOf(content)]).toEqual([bytes, `sha256:${sha256}`]);
    // The base is in it once.
    expect(bytes).toBeLessThan(1.2 * base.length);
    const read = await files().read('out/all.tar', never);
    expect(read.map(({ config, tags }) => [config, ...tags]).sort()).toEqual(
      [one, two]
        .map(({ image }) => [
          image.config,
          style.format === 'docker' ? image.tags[0] : `docker.io/library/${image.tags[0]}`,
        ])
        .sort(),
    );
  });

  it('leaves what was there when it cannot be finished, and nothing of its own', async () => {
    const one = await saved('one', ['one']);
    writeFileSync(join(folder, 'out/all.tar'), 'old');
    const writer = await files().begin('out/all.tar', PLAIN);
    await writer.add(one.path, one.image, never);
    rmSync(one.path);
    const other = { ...one.image, blobs: [{ digest: digestOf('x'), name: 'x' }] };
    await expect(writer.add(one.path, other, never)).rejects.toThrow('ENOENT');
    await expect(writer.finish()).rejects.toThrow('ENOENT');
    await writer.discard();
    expect(namesIn(join(folder, 'out'))).toEqual(['all.tar']);
    expect(readFileSync(join(folder, 'out/all.tar'), 'utf8')).toBe('old');
  });

  it('says what the disk says when it cannot be written', async () => {
    const one = await saved('one', [randomBytes(5_000_000)]);
    const writer = await files().begin('out/all.tar', PLAIN);
    rmSync(join(folder, 'out'), { recursive: true });
    await expect(writer.add(one.path, one.image, never).then(writer.finish)).rejects.toThrow('ENOENT');
    await writer.discard();
  });

  it('is refused when a file of it is another by the time it is copied', async () => {
    const one = await saved('one', ['one']);
    await writeDockerArchive(one.path, ['two']);
    const writer = await files().begin('out/all.tar', PLAIN);
    await expect(writer.add(one.path, one.image, never)).rejects.toThrow(/has changed: seen sha256:/);
    await writer.discard();
    expect(namesIn(join(folder, 'out'))).toEqual([]);
  });

  it('ends being written at once when the run is cancelled', async () => {
    const one = await saved('one', [randomBytes(5_000_000)]);
    const writer = await files().begin('out/all.tar', PLAIN);
    await expect(writer.add(one.path, one.image, AbortSignal.abort('SIGINT'))).rejects.toBe('SIGINT');
    await writer.discard();
    expect(namesIn(join(folder, 'out'))).toEqual([]);
  });
});

describe('what is no whole archive', () => {
  it.each<[string, (path: string) => void, RegExp]>([
    ['cut in the middle', (path) => truncateSync(path, statSync(path).size >> 1), /Unexpected end of data/],
    ['cut between two files', (path) => truncateSync(path, 512 + 100_352), /neither a manifest\.json/],
    ['empty', (path) => truncateSync(path, 0), /neither a manifest\.json/],
    ['no tar', (path) => writeFileSync(path, 'x'.repeat(2_000)), /it cannot be read/],
    ['no zstd', (path) => writeFileSync(path, Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 1, 2, 3])), /it cannot be read/],
  ])('is refused: %s', async (_name, change, message) => {
    const path = join(folder, 'one.tar');
    await writeDockerArchive(path, [randomBytes(100_000)]);
    change(path);
    await expect(files().read(path, never)).rejects.toThrow(message);
  });

  it('is not there', async () => {
    await expect(files().read('nothing.tar', never)).rejects.toThrow('ENOENT');
  });
});

describe('a text file', () => {
  it('is replaced whole', async () => {
    writeFileSync(join(folder, 'out/images.json'), 'old');
    await files().writeWhole('out/images.json', 'new');
    expect(readFileSync(join(folder, 'out/images.json'), 'utf8')).toBe('new');
    expect(namesIn(join(folder, 'out'))).toEqual(['images.json']);
  });
});

describe('what a killed run had begun to write', () => {
  it('is removed, and what others have begun stays', () => {
    for (const name of ['.1.scratch-1.part', '.2.scratch-2.part', 'one.tar'])
      writeFileSync(join(folder, 'out', name), '');
    removePartialArchives(join(folder, 'out'), '/temp/scratch-1');
    expect(namesIn(join(folder, 'out'))).toEqual(['.2.scratch-2.part', 'one.tar']);
    removePartialArchives(join(folder, 'nowhere'), '/temp/scratch-1');
  });
});
