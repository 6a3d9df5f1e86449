import { availableParallelism, totalmem } from 'node:os';

/** What a report says of this machine; in a container with a memory limit that is all the memory there is. */
export function machine(): { platform: string; cpus: number; memoryBytes: number } {
  // 0, or more than there is, where there is no limit: https://nodejs.org/api/process.html#processconstrainedmemory
  const limit = process.constrainedMemory() || Number.POSITIVE_INFINITY;
  const memoryBytes = Math.min(totalmem(), limit);
  return { platform: `${process.platform}/${process.arch}`, cpus: availableParallelism(), memoryBytes };
}
