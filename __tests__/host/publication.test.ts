import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { containerfileReader } from '../../src/host/containerfile.js';
import { publish } from '../../src/host/publication.js';
import { foldJournal } from '../../src/journal/fold.js';
import { HOSTILE } from '../support/hostile-text.js';
import { BROKEN, journal } from '../support/journal-factory.js';

let folder: string;
const variables = { ...process.env };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'publication-'));
  writeFileSync(join(folder, 'output'), '');
  process.env['GITHUB_WORKSPACE'] = folder;
  process.env['GITHUB_OUTPUT'] = join(folder, 'output');
});
afterEach(() => {
  process.env = { ...variables };
  process.exitCode = 0;
  rmSync(folder, { recursive: true, force: true });
});

/** What the runner would read: every line that is printed while the failure of these images is published. */
async function published(images: { name: string; file: string }[], line: string, annotations = true) {
  const run = journal([], { images: images.map((image) => ({ ...image, tags: [] })) });
  const verdict = { ...BROKEN, line };
  for (const { name } of images) {
    run
      .starts(1, name)
      .add({ type: 'step-started', at: 0, image: name, attempt: 1, step: '2/2', text: 'RUN make' })
      .fails(2, name, verdict)
      .givesUp(2, name, verdict);
  }
  const printed: string[] = [];
  const write = process.stdout.write;
  process.stdout.write = (chunk) => printed.push(String(chunk)) > 0;
  try {
    await publish(foldJournal(run.over(3, 'failure').events), {
      write: () => {},
      summary: false,
      annotations,
      fails: true,
    });
  } finally {
    process.stdout.write = write;
  }
  return printed
    .join('')
    .split(/\r\n|[\r\n]/)
    .filter((text) => text !== '');
}

function writeContainerfile(file: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), 'FROM scratch\nRUN make\n');
}

describe('publication', () => {
  it('shows each failed image at its line, then fails the step', async () => {
    writeContainerfile('services/api/Containerfile');
    const lines = await published([{ name: 'api', file: 'services/api/Containerfile' }], 'Error: x');
    expect(lines).toEqual([
      '::error title=api,file=services/api/Containerfile,line=2::api: build-failed after 1 attempt: Error: x',
      '::error::1 of 1 images were not built:%0Aapi: build-failed after 1 attempt: Error: x',
    ]);
    expect(process.exitCode).toBe(1);
  });

  it('shows only the error of the step where annotations are not wanted', async () => {
    const lines = await published([{ name: 'api', file: 'Containerfile' }], 'Error: x', false);
    expect(lines).toEqual([expect.stringMatching(/^::error::1 of 1 images/)]);
  });

  it.each(HOSTILE.filter((text) => text !== ''))('prints no other workflow command for the text %j', async (text) => {
    const lines = await published([{ name: text, file: `a/${text},line=1::${text}` }], text);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^::error (?:title=[^:,]*,)?file=[^:,]*::/);
    expect(lines[1]).toMatch(/^::error::1 of 1 images/);
  });
});

describe('a Containerfile', () => {
  it('is read within the workspace, and not when it is too long, a folder or missing', () => {
    writeContainerfile('a/Containerfile');
    writeFileSync(join(folder, 'long'), Buffer.alloc(1024 * 1024 + 1, '\n'));
    const read = containerfileReader(folder);
    expect(read('a/Containerfile')).toBe('FROM scratch\nRUN make\n');
    expect([read('long'), read('a'), read('missing'), read('a\0b')]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
