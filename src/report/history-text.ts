/** What is known of earlier runs, in a few words. */
export function formatKnown({ images, runs }: { images: number; runs: number }): string {
  return `${images} ${images === 1 ? 'image' : 'images'} known from ${runs} ${runs === 1 ? 'run' : 'runs'}`;
}
