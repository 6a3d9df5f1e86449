// What the benchmark of the user's workload says, as tables.
import { FIGURE_HEAD, figureRow, median, seconds } from './table.mjs';

/** The ways without us, with how many builds they run at the same time (0: all). */
export const LANES = { serial: 1, unlimited: 0, 'xargs -P2': 2 };

/**
 * By the scenario and the way: `LANES`, and ours `cold` and with `history`.
 * @typedef {import('./peers.mjs').Took} Took
 * @typedef {Record<string, Record<string, Took[]>>} Results
 */

/**
 * Each way beside the others, on each server.
 * @param {Results} results @param {number} scale @param {string[]} notes
 * @returns {import('./table.mjs').Table}
 */
export function tabulateWallTimes(results, scale, notes) {
  return {
    title: `The user's three images (82, 150, 233 s; 1:${scale})`,
    rows: [
      ['the server', 'serial', 'unlimited', 'xargs -P2', 'ours, cold', 'ours, with history'],
      ...Object.entries(results).map(([scenario, ways]) => [
        scenario,
        ...Object.entries(ways).map(([way, took]) => cell(took, way in LANES ? 'begun again' : 'deaths')),
      ]),
    ],
    notes: [
      'Medians. What is begun again is all of it, as soon as the server is back, three times in all. Serial, no server dies that dies above one build or two.',
      ...notes,
    ],
  };
}

/** @param {Took[]} took @param {string} again */
function cell(took, again) {
  if (took.length === 0) return 'as without';
  const most = Math.max(...took.map((each) => each.again));
  return `${seconds(typical(took))}${most === 0 ? '' : ` (${again}: ${most})`}`;
}

/**
 * What is aimed at, and whether it is met.
 * @param {Results} results @param {number} bound in milliseconds @returns {import('./table.mjs').Table}
 */
export function tabulateTargets(results, bound) {
  const of = (/** @type {string} */ scenario, /** @type {string} */ way) => typical(results[scenario]?.[way] ?? []);
  const ours = of('no crash', 'history');
  const serial = of('no crash', 'serial');
  const again = Object.keys(LANES).map((way) => of('one SIGKILL', way) ?? Number.POSITIVE_INFINITY);
  const history = (/** @type {string} */ what) => `${what}, with history`;
  return {
    title: "The workload's targets, two lanes",
    rows: [
      FIGURE_HEAD,
      ...[
        { what: history('no crash'), ours, peer: 'two-lane bound', beside: bound, most: 1.05 },
        { what: history('no crash'), ours, peer: 'unlimited', beside: of('no crash', 'unlimited') },
        { what: history('no crash'), ours, peer: 'xargs -P2', beside: of('no crash', 'xargs -P2') },
        {
          what: history('one SIGKILL'),
          ours: of('one SIGKILL', 'history'),
          peer: 'ours, no crash',
          beside: ours,
          most: 1.2,
        },
        {
          what: history('one SIGKILL'),
          ours: of('one SIGKILL', 'history'),
          peer: 'fastest that begins again',
          beside: Math.min(...again),
          most: 1,
        },
        {
          what: history('dies above two'),
          ours: of('dies above two builds', 'history'),
          peer: 'ours, no crash',
          beside: ours,
          most: 1.05,
        },
        {
          what: 'dies above one, cold',
          ours: of('dies above one build', 'cold'),
          peer: 'serial',
          beside: serial,
          most: 1.3,
        },
        {
          what: history('dies above one'),
          ours: of('dies above one build', 'history'),
          peer: 'serial',
          beside: serial,
          most: 1.05,
        },
      ].map(figureRow),
    ],
    notes: ['The two-lane bound is the best packing of what the images took one at a time, in the same run.'],
  };
}

/** The median; undefined when one of them did not succeed. @param {Took[]} took */
function typical(took) {
  const times = took.flatMap(({ ms }) => (ms === undefined ? [] : [ms]));
  return times.length < took.length ? undefined : median(times);
}
