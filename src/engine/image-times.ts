import { readJson } from './server.js';

/** Nothing is gained by more. */
const MOST_MS = 60_000;

/**
 * How long before a moment the engine had made its newest image of those before it, in milliseconds: at least 0, at most a
 * minute. Reads what `images --all` prints as JSON: podman tells seconds (`Created`), buildah a time (`createdatraw`). What
 * is not understood counts as made in that moment.
 */
export function quietBefore(stdout: string, at: number): number {
  const images = readJson(stdout);
  if (!Array.isArray(images)) return 0;
  return images.reduce((quiet: number, image: Record<string, unknown> | null) => {
    const seconds = image?.['Created'];
    const time = typeof seconds === 'number' ? seconds * 1_000 : Date.parse(String(image?.['createdatraw']));
    if (Number.isNaN(time)) return 0;
    // Within the second that it tells.
    return time > at ? quiet : Math.max(0, Math.min(quiet, at - time - 1_000));
  }, MOST_MS);
}
