import { availableParallelism, totalmem } from 'node:os';

/** What a report says of this machine. */
export function machine(): { platform: string; cpus: number; memoryBytes: number } {
  return { platform: `${process.platform}/${process.arch}`, cpus: availableParallelism(), memoryBytes: totalmem() };
}

/** What processes of ours may use of this machine: a container's memory limit is all the memory that they have. */
export function ownShare(): { cpus: number; memoryBytes: number } {
  const { cpus, memoryBytes } = machine();
  // 0, or more than there is, where there is no limit: https://nodejs.org/api/process.html#processconstrainedmemory
  const limit = process.constrainedMemory() || Number.POSITIVE_INFINITY;
  return { cpus, memoryBytes: Math.min(memoryBytes, limit) };
}
