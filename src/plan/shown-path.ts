import { isAbsolute, relative, sep } from 'node:path';

/** A path as people and GitHub name it: relative to the workspace, with slashes, where it lies inside; else absolute. */
export function shownPath(path: string, workspace: string): string {
  const inside = relative(workspace, path);
  if (inside === '' || inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) return path;
  return inside.replaceAll(sep, '/');
}
