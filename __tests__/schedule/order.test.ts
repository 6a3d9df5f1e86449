import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Job, lowerBound, rankJobs } from '../../src/schedule/order.js';
import { simulate } from '../support/simulation.js';

const job = (name: string, ms: number, ...needs: string[]): Job => ({ name, ms, needs });
const order = (jobs: Job[], lanes = 2) => {
  const ranks = rankJobs(jobs, lanes);
  return [...jobs].sort((a, b) => (ranks.get(a.name) ?? 0) - (ranks.get(b.name) ?? 0)).map(({ name }) => name);
};
/** With one lane all orders end alike, so that nothing is swapped. */
const chainsFirst = (jobs: Job[]) => rankJobs(jobs, 1);

/** Seconds of the images of examples/kubernaut-like, all of which need the base. */
const EXAMPLES = {
  gateway: 12,
  signals: 10.5,
  analysis: 21,
  workflows: 12.5,
  remediation: 15,
  notifier: 8.5,
  storage: 13,
  monitor: 10,
  webhook: 8,
  reports: 9.5,
  'llm-api': 20,
};
const examples = [
  job('base', 3_000),
  ...Object.entries(EXAMPLES).map(([name, seconds]) => job(name, seconds * 1_000, 'base')),
];
const withSmall = (count: number) => [
  ...examples,
  ...Array.from({ length: count - examples.length }, (_, index) => job(`small${index}`, 1)),
];

describe('the order of images', () => {
  it('is the longest first, and as they were written where they are alike', () => {
    expect(order([job('a', 1), job('b', 3), job('c', 3), job('d', 2)])).toEqual(['b', 'c', 'd', 'a']);
  });

  it('puts a short base first that a long chain waits for', () => {
    const jobs = [job('long', 5), job('base', 1), job('app', 3, 'base'), job('tests', 3, 'app')];
    expect(order(jobs)).toEqual(['base', 'app', 'long', 'tests']);
  });

  it('is found for a chain of 10,000 images', () => {
    const chain = Array.from({ length: 10_000 }, (_, index) =>
      index === 0 ? job('i0', 1) : job(`i${index}`, 1, `i${index - 1}`),
    );
    expect(order(chain).slice(0, 3)).toEqual(['i0', 'i1', 'i2']);
    expect(lowerBound(chain, 2)).toBe(10_000);
  });

  it("ends the user's three images with two lanes as soon as unlimited parallelism does", () => {
    const jobs = [job('light', 82_000), job('middle', 150_000), job('heavy', 233_000)];
    expect(simulate(jobs, rankJobs(jobs, 2), 2)).toBe(233_000);
    expect(simulate(jobs, new Map(jobs.map(({ name }, index) => [name, index])), 2)).toBe(315_000);
  });

  it('ends the example set with two lanes within 5 % of the lower bound, which the longest first does not', () => {
    const bound = lowerBound(examples, 2);
    expect(bound).toBe(71_500);
    expect(simulate(examples, chainsFirst(examples), 2)).toBe(76_500);
    // The best that any order can do: nothing can be done beside the base.
    expect(simulate(examples, rankJobs(examples, 2), 2)).toBe(73_000);
  });

  it('is the longest first wherever that is within 5 % of the lower bound, as times are not known to the second', () => {
    const jobs = [200, 200, 30, 30, 20, 20, 20].map((ms, index) => job(`i${index}`, ms));
    expect(simulate(jobs, chainsFirst(jobs), 2)).toBe(270);
    expect(lowerBound(jobs, 2)).toBe(260);
    expect(rankJobs(jobs, 2)).toEqual(chainsFirst(jobs));
  });

  it('has nothing swapped in sets that are too large for it', () => {
    const [most, more] = [withSmall(50), withSmall(51)];
    expect(simulate(most, rankJobs(most, 2), 2)).toBeLessThan(simulate(most, chainsFirst(most), 2));
    expect(rankJobs(more, 2)).toEqual(chainsFirst(more));
  });

  it('never ends before the lower bound, nor later than the longest first or than a list can, whatever needs what', async () => {
    const sets = fc.array(fc.tuple(fc.integer({ min: 1, max: 100 }), fc.array(fc.nat(30), { maxLength: 3 })), {
      minLength: 1,
      maxLength: 12,
    });
    await fc.assert(
      fc.property(sets, fc.integer({ min: 1, max: 4 }), (entries, lanes) => {
        const jobs = entries.map(([ms, needs], index) =>
          job(`i${index}`, ms, ...needs.filter((need) => need < index).map((need) => `i${need}`)),
        );
        const took = simulate(jobs, rankJobs(jobs, lanes), lanes);
        const bound = lowerBound(jobs, lanes);
        expect(took).toBeGreaterThanOrEqual(bound - 1e-6);
        expect(took).toBeLessThanOrEqual(simulate(jobs, chainsFirst(jobs), lanes));
        expect([...rankJobs(jobs, lanes).values()].sort((a, b) => a - b)).toEqual(jobs.map((_, index) => index));
        // Graham's bound for any list: https://doi.org/10.1137/0117039
        expect(took).toBeLessThanOrEqual(bound * (2 - 1 / lanes) + 1e-6);
      }),
      { numRuns: 500 },
    );
  });
});
