import type { HostSample } from '../journal/events.js';

/** What `vm_stat` says (https://keith.github.io/xcode-man-pages/vm_stat.1.html), in bytes; empty when it is something else. */
export function parseVmStat(text: string, totalBytes: number): HostSample {
  const pageBytes = Number(/page size of (\d+) bytes/.exec(text)?.[1]);
  const pages = (name: string) => Number(new RegExp(`^Pages ${name}: +(\\d+)\\.$`, 'm').exec(text)?.[1]);
  // What the kernel can give without swapping: free pages, and those that only cache.
  const available = (pages('free') + pages('inactive') + pages('speculative') + pages('purgeable')) * pageBytes;
  if (!Number.isFinite(available)) return {};
  return { memoryAvailableBytes: available, memoryUsedBytes: Math.max(0, totalBytes - available) };
}

/** What `sysctl -n vm.swapusage kern.num_files` says; figures that are not there are absent. */
export function parseSysctl(text: string): HostSample {
  const [, used, unit = ''] = /used = ([\d.,]+)([KMG])/.exec(text) ?? [];
  const files = /^(\d+)$/m.exec(text)?.[1];
  const bytes: Record<string, number> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };
  return {
    ...(used === undefined ? {} : { swapUsedBytes: Math.round(Number(used.replace(',', '.')) * (bytes[unit] ?? 0)) }),
    ...(files === undefined ? {} : { openFiles: Number(files) }),
  };
}
