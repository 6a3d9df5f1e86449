import { describe, expect, it } from '@jest/globals';
import { withKernelUsage } from '../../src/build/usage.js';

describe('the usage of an attempt', () => {
  it('is what was seen, where the kernel says nothing', () => {
    expect(withKernelUsage({ userMs: 1 }, undefined)).toEqual({ userMs: 1 });
  });

  it('is the larger of what was seen and what the kernel counted', () => {
    const kernel = { userMs: 500, systemMs: 1, messagesSent: 3 };
    expect(withKernelUsage({ userMs: 10, systemMs: 20, peakRssBytes: 30 }, kernel)).toEqual({
      userMs: 500,
      systemMs: 20,
      peakRssBytes: 30,
      kernel,
    });
    expect(withKernelUsage({}, { userMs: 0 })).toEqual({ userMs: 0, kernel: { userMs: 0 } });
  });
});
