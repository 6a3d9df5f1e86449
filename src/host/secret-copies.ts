import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';

/** https://github.com/containers/podman/blob/v4.3.1/pkg/bindings/images/build.go */
const NAME = /^podman-build-secret-?\d+$/;

/**
 * Podman's remote client copies secrets into the context for as long as it builds. One that is killed leaves them there, for
 * the next build to send along, and some versions leave them beside the context (https://github.com/containers/podman/issues/29687).
 * The returned function is called when a build begins in a context, and gives what to call when it has ended: copies of these
 * values are removed once no build of ours goes on there.
 */
export function watchSecretCopies(values: readonly Buffer[]): (context: string) => () => void {
  const building = new Map<string, number>();
  return (context) => {
    if (values.length === 0 || !isAbsolute(context)) return () => {};
    building.set(context, (building.get(context) ?? 0) + 1);
    return () => {
      const left = (building.get(context) ?? 1) - 1;
      building.set(context, left);
      if (left === 0) removeSecretCopies(context, values);
    };
  };
}

/** Removes what podman's client left of these values in a context and beside it; a file of any other content stays. */
export function removeSecretCopies(context: string, values: readonly Buffer[]): void {
  for (const folder of [context, dirname(context)]) {
    for (const path of namesIn(folder)
      .filter((name) => NAME.test(name))
      .map((name) => join(folder, name))) {
      if (holdsOneOf(path, values)) rmSync(path, { force: true });
    }
  }
}

function holdsOneOf(path: string, values: readonly Buffer[]): boolean {
  try {
    const { size } = statSync(path);
    return values.some((value) => value.length === size && value.equals(readFileSync(path)));
  } catch {
    return false;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
