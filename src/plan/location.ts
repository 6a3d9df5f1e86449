import { join, relative, resolve } from 'node:path';
import { type Disk, isWithin, LINK_OUT, linkOut } from '../inputs/disk.js';
import type { ImageInput, Problem } from '../inputs/inputs.js';

/** Where relative paths start, and the disk that they are looked up on. */
export interface Place {
  workspace: string;
  disk: Disk;
}

export interface Location {
  /** Absolute path, or a URL that the engine fetches. */
  context: string;
  /** Absolute path; with a URL context the path within it, as written. */
  file?: string;
  /** Absolute paths, or whatever else the engine understands by itself (URLs, `docker-image://…`). */
  buildContexts: Record<string, string>;
}

const URL_CONTEXT = /^(?:https?:\/\/|git:\/\/|ssh:\/\/|git@)/;
// Two letters at least: `C:\` is a path.
const SCHEME = /^(?:[a-z][a-z0-9+.-]+:|git@)/i;
const FOLDER = 'a folder, relative to the workspace or absolute';

/** Finds an image's context, Containerfile and further contexts; what is missing is reported under its key. */
export function locateImage(
  image: ImageInput,
  { workspace, disk }: Place,
  report: (problem: Omit<Problem, 'where'> & { key: string }) => void,
  notice: (text: string) => void,
): Location {
  const check = (key: string, written: string, path: string, context = workspace) => {
    if (!isWithin(path, workspace) && !isWithin(path, context)) {
      notice(`${key} "${written}" is outside of the workspace: ${path}`);
      return;
    }
    const real = linkOut(path, [workspace, context], disk);
    if (real !== undefined) report({ key, seen: written, ...LINK_OUT(real) });
  };
  const buildContexts = Object.entries(image.buildContexts ?? {}).map(([name, written]) => {
    if (SCHEME.test(written)) return [name, written];
    const path = resolve(workspace, written);
    if (!disk.isFolder(path)) {
      const expected = `${FOLDER}, or a URL`;
      report({ key: `build-contexts.${name}`, seen: written, expected, hint: `there is no folder ${path}` });
    } else check(`build-contexts.${name}`, written, path);
    return [name, path];
  });
  const located = { buildContexts: Object.fromEntries(buildContexts) as Record<string, string> };

  const written = image.context ?? '.';
  if (URL_CONTEXT.test(written)) {
    return { ...located, context: written, ...(image.file === undefined ? {} : { file: image.file }) };
  }
  const context = resolve(workspace, written);
  const hasContext = disk.isFolder(context);
  if (hasContext) check('context', written, context);
  else
    report({ key: 'context', seen: written, expected: `${FOLDER}, or a URL`, hint: `there is no folder ${context}` });

  if (image.containerfile !== undefined) return { ...located, context };
  if (image.file !== undefined) {
    const file = resolve(workspace, image.file);
    if (!disk.isFile(file)) {
      const expected = 'a file, relative to the workspace (not to the context) or absolute';
      const hint = disk.isFile(resolve(context, image.file))
        ? `write "${join(written, image.file)}"`
        : `there is no file ${file}`;
      report({ key: 'file', seen: image.file, expected, hint });
    } else check('file', image.file, file, context);
    return { ...located, context, file };
  }
  const names = image.prefersDockerfile ? ['Dockerfile', 'Containerfile'] : ['Containerfile', 'Dockerfile'];
  const file = names.map((name) => join(context, name)).find((path) => disk.isFile(path));
  if (file !== undefined) {
    check('file', relative(workspace, file), file, context);
    return { ...located, context, file };
  }
  if (hasContext) {
    const expected = `a Containerfile or Dockerfile in the context "${written}"`;
    report({ key: 'file', seen: '', expected, hint: 'set file to the path of the Containerfile' });
  }
  return { ...located, context };
}
