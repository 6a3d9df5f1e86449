import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8's young generation at its first size. Each process that is started leaves two 64 KiB read buffers behind, which
 * only a scavenge frees: with a young generation that may grow to 16 MiB, 1,000 images peak at 170 MB instead of 130,
 * and forking a larger process takes longer. V8 reads this flag whenever it would grow
 * (https://github.com/v8/v8/blob/main/src/flags/flag-definitions.h).
 */
export function keepMemorySmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
