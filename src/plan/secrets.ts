import { isAbsolute, join, resolve } from 'node:path';
import { LINK_OUT, linkOut } from '../inputs/disk.js';
import type { ImageInput, ImageSecret, Inputs, Problem, SecretSource } from '../inputs/inputs.js';
import { looksSecret } from '../secrets/secret-name.js';
import type { ImageSpec } from './image-spec.js';
import type { Place } from './location.js';

/** Where secrets come from and go to. */
export interface SecretPlace extends Place {
  environment: Readonly<Record<string, string | undefined>>;
  /** Absolute path of the folder in which each secret gets a file of its own for the time of the run. */
  scratch: string;
}

/** A secret that images of the plan use: its value goes to this file before any build begins. */
export interface PlannedSecret {
  file: string;
  from: { value: string } | { path: string };
}

/** Gives the secrets of an image as files by id, and adds what must be written to them. */
export type SecretPlanner = (
  image: ImageInput,
  report: (problem: Omit<Problem, 'where'>) => void,
) => Record<string, string>;

/** Plans the secrets of the run and of its images; each source is written once, however many images use it. */
export function createSecretPlanner(
  inputs: Inputs,
  { workspace, disk, environment, scratch }: SecretPlace,
): { problems: Problem[]; secrets: PlannedSecret[]; of: SecretPlanner } {
  const secrets: PlannedSecret[] = [];
  const files = new Map<string, string>();
  const problems: Problem[] = [];
  const ofRun = new Map(
    Object.entries(inputs.secrets).map(([id, source]) => {
      const where = source.kind === 'env' ? 'secret-envs' : 'secret-files';
      return [id, plan(source, (problem) => problems.push({ where: `${where}: ${id}`, ...problem }))];
    }),
  );

  return {
    problems,
    secrets,
    of: (image, report) => {
      const asked: ImageSecret[] = image.secrets ?? [...ofRun.keys()].map((id) => ({ id }));
      const found = asked.map(({ id, source }): [string, string] => {
        if (source !== undefined) return [id, plan(source, report)];
        if (!ofRun.has(id)) {
          const expected = 'an id out of the inputs secrets, secret-envs or secret-files, or a source of its own';
          report({ seen: id, expected, hint: 'write "id=ID,env=VARIABLE" or "id=ID,src=PATH"' });
        }
        return [id, ofRun.get(id) ?? ''];
      });
      return Object.fromEntries(found);
    },
  };

  function plan(source: SecretSource, report: (problem: Omit<Problem, 'where'>) => void): string {
    const key = JSON.stringify(source);
    const known = files.get(key);
    if (known !== undefined) return known;
    const file = join(scratch, `secret-${files.size + 1}`);
    files.set(key, file);
    const from = locate(source, report);
    if (from !== undefined) secrets.push({ file, from });
    return file;
  }

  function locate(
    source: SecretSource,
    report: (problem: Omit<Problem, 'where'>) => void,
  ): PlannedSecret['from'] | undefined {
    if (source.kind === 'value') return { value: source.value };
    if (source.kind === 'env') {
      const value = environment[source.name];
      if (value) return { value };
      report({ seen: source.name, expected: 'an environment variable that is set and not empty' });
      return undefined;
    }
    const path = isAbsolute(source.path) ? source.path : resolve(workspace, source.path);
    const real = linkOut(path, [workspace], disk);
    if (real !== undefined) {
      report({ seen: source.path, ...LINK_OUT(real) });
      return undefined;
    }
    if (disk.isFile(path)) return { path };
    const expected = 'a file, relative to the workspace or absolute';
    report({ seen: source.path, expected, hint: `there is no file ${path}` });
    return undefined;
  }
}

/** A sentence for each build argument that looks as if it should be a secret. */
export function warnOfSecretArguments(images: readonly ImageSpec[]): string[] {
  const names = new Set(images.flatMap(({ buildArgs }) => Object.keys(buildArgs).filter((name) => looksSecret(name))));
  return [...names].map(
    (name) =>
      `build-args: ${name} looks like a secret, and a build argument can be read in process lists and in the image's history: give it as one of secrets, and mount it with RUN --mount=type=secret,id=…`,
  );
}
