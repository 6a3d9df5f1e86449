import type { KernelUsage, Usage } from '../journal/events.js';

/**
 * What was seen of an attempt's processes, with what the kernel counted at their end. A tree that is looked at each second
 * is not seen between two looks, and the kernel does not count processes that nobody waited for: the larger one is nearer.
 */
export function withKernelUsage(seen: Usage, kernel: KernelUsage | undefined): Usage {
  if (kernel === undefined) return seen;
  const larger = (name: Exclude<keyof Usage, 'kernel' | 'stepPeakRssBytes'>) => {
    const [one, other] = [seen[name], kernel[name]];
    if (one === undefined && other === undefined) return {};
    return { [name]: Math.max(one ?? 0, other ?? 0) };
  };
  return {
    ...larger('userMs'),
    ...larger('systemMs'),
    ...larger('peakRssBytes'),
    ...(seen.stepPeakRssBytes === undefined ? {} : { stepPeakRssBytes: seen.stepPeakRssBytes }),
    ...larger('voluntarySwitches'),
    ...larger('involuntarySwitches'),
    kernel,
  };
}
