// The steps of examples/kubernaut-like, as their Containerfiles have them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import './typescript.mjs';

const { lowerBound } = await import('../src/schedule/order.ts');

const EXAMPLES = join('examples', 'kubernaut-like');

/** @typedef {import('../src/schedule/order.ts').Job} Job */

/** The images as they are listed, each as long as the seconds of `fetch` and `compile` in its steps. @returns {Job[]} */
export function exampleJobs() {
  return readExamples().map(({ name, needs, steps }) => ({ name, needs, ms: sum(steps.map(msOf)) }));
}

/** When so many lanes end at the earliest that take a step which several images begin with once. @param {number} lanes */
export function sharedLowerBound(lanes) {
  /** @type {Set<string>} */
  const known = new Set();
  const jobs = readExamples().map(({ name, needs, steps }) => {
    const own = steps.filter((_, index) => {
      const chain = steps.slice(0, index + 1).join('\n');
      return !known.has(chain) && known.add(chain);
    });
    return { name, needs, ms: sum(own.map(msOf)) };
  });
  return lowerBound(jobs, lanes);
}

function readExamples() {
  /** @type {{ images: { name: string, needs?: string[] }[] }} */
  const { images } = parse(readFileSync(join(EXAMPLES, 'images.yml'), 'utf8'));
  return images.map(({ name, needs = [] }) => ({
    name,
    needs,
    steps: readFileSync(join(EXAMPLES, name, 'Containerfile'), 'utf8')
      .trim()
      .split('\n'),
  }));
}

/** What examples/kubernaut-like/base says of them: seconds, and units of about half a second. */
const MS = { fetch: 1000, compile: 500 };

/** @param {string} step */
function msOf(step) {
  return sum(
    [...step.matchAll(/\b(fetch|compile) (\d+)/g)].map(
      ([, what, amount]) => MS[/** @type {keyof typeof MS} */ (what)] * Number(amount),
    ),
  );
}

/** @param {number[]} values */
function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
