// npm run bench [-- PART…] [--runs N] [--scale N] [--markdown]: what the action costs and what it saves, each figure beside
// what it is compared with in the same run. Needs Linux, podman and a static busybox.
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { ask } from '../demo/commands.mjs';
import { measureKubernaut } from './kubernaut.mjs';
import { simulateOrder } from './order.mjs';
import { measureOverhead } from './overhead.mjs';
import { formatTable } from './table.mjs';
import { measureWorkload } from './workload.mjs';

/** @type {Record<string, (options: { runs: number, scale: number }) => Promise<import('./table.mjs').Table[]>>} */
const PARTS = {
  overhead: measureOverhead,
  order: simulateOrder,
  workload: measureWorkload,
  kubernaut: measureKubernaut,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** At most so many runs of each figure of the workload and of kubernaut. */
    runs: { type: 'string', default: '3' },
    /** By how much the workload is faster than the user's. */
    scale: { type: 'string', default: '20' },
    markdown: { type: 'boolean', default: false },
  },
});
const unknown = positionals.filter((part) => !Object.hasOwn(PARTS, part));
if (unknown.length > 0) throw new Error(`no part ${unknown.join(', ')}: expected ${Object.keys(PARTS).join(', ')}`);
const options = { runs: above0('runs', values.runs), scale: above0('scale', values.scale) };

console.log(
  [
    new Date().toISOString().slice(0, 10),
    `${cpus().length} × ${cpus()[0]?.model.trim()}`,
    ask('podman', ['--version']),
    `Node ${process.version}`,
    // Who else works on the machine makes all of it worse.
    `load ${loadavg()[0]?.toFixed(1)}`,
    `commit ${ask('git', ['rev-parse', '--short', 'HEAD'])}`,
  ].join('; '),
);
for (const [part, measure] of Object.entries(PARTS)) {
  if (positionals.length > 0 && !positionals.includes(part)) continue;
  for (const table of await measure(options)) console.log(`\n${formatTable(table, values.markdown)}`);
}

/** @param {string} name @param {string} text */
function above0(name, text) {
  const number = Number(text);
  if (!(number >= 1)) throw new Error(`--${name} is ${text}, expected a number of at least 1`);
  return number;
}
