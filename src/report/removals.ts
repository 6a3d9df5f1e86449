import type { RemovalReport } from '../journal/run-report.js';
import { formatBytes, plural } from './figures.js';

/** What was removed after hand-offs, as `5 images and 12 layers, 3.1 GiB`; undefined when nothing was. */
export function formatRemovals(removals: readonly RemovalReport[]): string | undefined {
  if (removals.length === 0) return undefined;
  const images = removals.filter(({ image }) => image !== undefined).length;
  const layers = sum(removals.map((removal) => removal.layers ?? 0));
  const counts = [
    ...(images === 0 ? [] : [plural(images, 'image')]),
    ...(layers === 0 ? [] : [plural(layers, 'layer')]),
  ].join(' and ');
  const freed = removals.flatMap(({ freedBytes }) => (freedBytes === undefined ? [] : [freedBytes]));
  return freed.length === 0 ? counts : `${counts}, ${formatBytes(sum(freed))}`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
