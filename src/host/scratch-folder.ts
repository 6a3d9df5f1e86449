import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { PlannedContainerfile } from '../plan/plan.js';
import type { PlannedSecret } from '../plan/secrets.js';

const NAME = 'e2e-build-scratch-';
const CONTEXTS = 'contexts.json';

/** What only the run itself has use for: image ids, figures, secrets, Containerfiles out of definition files. Readable for nobody else, and gone at the end. */
export interface ScratchFolder {
  path: string;
  filePath(name: string): string;
  /** Reads a file of one line and removes it; undefined when there is none, or nothing in it. */
  takeLine(path: string): string | undefined;
  /** A path of this name, and how to remove whatever is there. */
  temporaryFile(name: string): { path: string; remove(): void };
  /** Writes each secret to its file and returns the values. Throws an Error that names a file that cannot be read. */
  writeSecrets(secrets: readonly PlannedSecret[]): Buffer[];
  /** Writes the Containerfiles that definition files hold, and keeps the images' contexts for a post step, should this run be killed. */
  keep(plan: { images: readonly { context: string }[]; containerfiles: readonly PlannedContainerfile[] }): void;
  remove(): void;
}

/** The runner's temporary folder, which outlives a step. */
export function temporaryFolder(): string {
  return process.env['RUNNER_TEMP'] || tmpdir();
}

/** A path that nobody has yet: known before there is anything at it, so that a post step can find what a killed run left. */
export function chooseScratchPath(): string {
  return join(temporaryFolder(), `${NAME}${randomUUID()}`);
}

/** Makes the folder. */
export function createScratchFolder(path: string): ScratchFolder {
  mkdirSync(temporaryFolder(), { recursive: true });
  mkdirSync(path, { mode: 0o700 });
  return {
    path,
    filePath: (name) => join(path, name),
    takeLine: (file) => {
      if (!existsSync(file)) return undefined;
      const line = readFileSync(file, 'utf8').trim();
      rmSync(file, { force: true });
      return line === '' ? undefined : line;
    },
    temporaryFile: (name) => {
      const file = join(path, name);
      return { path: file, remove: () => rmSync(file, { recursive: true, force: true }) };
    },
    writeSecrets: (secrets) =>
      secrets.map(({ file, from }) => {
        const value = 'value' in from ? Buffer.from(from.value) : readSecret(from.path);
        writeFileSync(file, value, { mode: 0o600, flag: 'wx' });
        return value;
      }),
    keep: ({ images, containerfiles }) => {
      const contexts = images.map(({ context }) => context).filter((context) => context !== '');
      writeFileSync(join(path, CONTEXTS), JSON.stringify(contexts), { mode: 0o600 });
      for (const { file, text } of containerfiles) writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
    },
    remove: () => removeScratchFolder(path),
  };
}

/** The values of a killed run's secrets, as far as they are still there. */
export function readSecrets(path: string): Buffer[] {
  try {
    const names = readdirSync(path).filter((name) => /^secret-\d+$/.test(name));
    return names.map((name) => readFileSync(join(path, name)));
  } catch {
    return [];
  }
}

/** The contexts of a killed run's images, as far as it came to keep them. */
export function readContexts(path: string): string[] {
  try {
    const contexts: unknown = JSON.parse(readFileSync(join(path, CONTEXTS), 'utf8'));
    return Array.isArray(contexts) ? contexts.filter((context) => typeof context === 'string') : [];
  } catch {
    return [];
  }
}

/** Removes the folder of a run; any other path is left alone. */
export function removeScratchFolder(path: string): void {
  if (basename(path).startsWith(NAME)) rmSync(path, { recursive: true, force: true });
}

function readSecret(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(
      `secret-files: ${path} cannot be read (${code ?? 'unknown error'}); expected a file that we may read`,
    );
  }
}
