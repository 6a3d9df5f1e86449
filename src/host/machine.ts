import { availableParallelism, totalmem } from 'node:os';

/** What a report says of this machine. */
export function machine(): { platform: string; cpus: number; memoryBytes: number } {
  return { platform: `${process.platform}/${process.arch}`, cpus: availableParallelism(), memoryBytes: totalmem() };
}
