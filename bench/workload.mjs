// The user's three images, built in the ways that users build them and by us, on a server that lives and on ones that die.
import { deathAbove, deathAfter, noDeath } from './deaths.mjs';
import { openGround } from './ground.mjs';
import { buildWithXargs } from './peers.mjs';
import { median, seconds } from './table.mjs';
import { bestOfTwoLanes, writeUserImages } from './user-images.mjs';
import { LANES, tabulateTargets, tabulateWallTimes } from './workload-tables.mjs';

/** In the user's seconds: when the server is killed, how long it stays away, and the default waits before a retry. */
const KILLED_AT_S = 120;
const DOWN_S = 20;
const RETRY_MIN_S = 5;
const RETRY_MAX_S = 60;

/** How often each is run: what has a target more than what it stands beside, and all within eight minutes. */
const RUNS = {
  'no crash': { serial: 2, unlimited: 2, 'xargs -P2': 1, cold: 1, history: 3 },
  'one SIGKILL': { serial: 1, unlimited: 1, 'xargs -P2': 1, cold: 1, history: 3 },
  // One at a time nothing dies there: it is the same as without a crash.
  'dies above two builds': { serial: 0, unlimited: 1, 'xargs -P2': 1, cold: 1, history: 2 },
  'dies above one build': { serial: 0, unlimited: 1, 'xargs -P2': 1, cold: 2, history: 2 },
};

/** @typedef {import('./peers.mjs').Took} Took @typedef {import('./workload-tables.mjs').Results} Results */

/** @param {{ runs: number, scale: number }} options @returns {Promise<import('./table.mjs').Table[]>} */
export async function measureWorkload({ runs, scale }) {
  const ground = openGround();
  try {
    const images = writeUserImages(ground.workspace, scale);
    const [killedAtMs, downMs] = [(KILLED_AT_S * 1000) / scale, (DOWN_S * 1000) / scale];
    /** @type {Record<string, import('./deaths.mjs').Death>} */
    const deaths = {
      'no crash': noDeath,
      'one SIGKILL': deathAfter(killedAtMs, downMs),
      'dies above two builds': deathAbove(2, downMs),
      'dies above one build': deathAbove(1, downMs),
    };
    const inputs = {
      images: JSON.stringify(images),
      'no-cache': 'true',
      'max-parallel': '2',
      'retry-min-timeout': `${Math.round((RETRY_MIN_S * 1000) / scale)}ms`,
      'retry-max-timeout': `${Math.round((RETRY_MAX_S * 1000) / scale)}ms`,
    };
    const alone = await takeAlone(ground, images, Math.min(runs, RUNS['no crash'].serial));
    const results = await takeAll({ ground, images, deaths, inputs, runs });
    /** @type {Results[string]} */ (results['no crash'])['serial'] = alone.totals;
    const notes = [
      `One SIGKILL comes ${killedAtMs / 1000} s after the start; a dead server is back after ${downMs / 1000} s. Our waits before a retry are scaled as the builds are: ${inputs['retry-min-timeout']}, at most ${inputs['retry-max-timeout']}.`,
    ];
    return [tabulateWallTimes(results, scale, notes), tabulateTargets(results, bestOfTwoLanes(alone.times))];
  } finally {
    ground.close();
  }
}

/**
 * Each image's own time (the median), one after the other on one server, and what all of them took.
 * @param {import('./ground.mjs').Ground} ground
 * @param {import('./user-images.mjs').BenchImage[]} images
 * @param {number} runs
 */
async function takeAlone(ground, images, runs) {
  /** @type {number[][]} */
  const times = images.map(() => []);
  /** @type {Took[]} */
  const totals = [];
  for (let run = 0; run < runs; run += 1) {
    await ground.onServer(noDeath, async (on) => {
      let total = 0;
      for (const [index, image] of images.entries()) {
        const { ms } = await buildWithXargs([image], 1, on);
        if (ms === undefined) throw new Error(`${image.name} cannot be built on a server that lives`);
        times[index]?.push(ms);
        total += ms;
      }
      totals.push({ ms: total, again: 0 });
    });
  }
  return { times: times.map((each) => median(each) ?? 0), totals };
}

/**
 * @param {object} what
 * @param {import('./ground.mjs').Ground} what.ground
 * @param {import('./user-images.mjs').BenchImage[]} what.images
 * @param {Record<string, import('./deaths.mjs').Death>} what.deaths
 * @param {Record<string, string>} what.inputs
 * @param {number} what.runs
 * @returns {Promise<Results>}
 */
async function takeAll({ ground, images, deaths, inputs, runs }) {
  /** @type {Results} */
  const results = {};
  /** @type {string | undefined} */
  let learnt;
  for (const [scenario, counts] of Object.entries(RUNS)) {
    const death = deaths[scenario] ?? noDeath;
    /** @type {Record<string, Took[]>} */
    const took = { serial: [], unlimited: [], 'xargs -P2': [], cold: [], history: [] };
    results[scenario] = took;
    for (let run = 0; run < runs; run += 1) {
      for (const [way, lanes] of Object.entries(LANES)) {
        if (run >= counts[/** @type {keyof typeof LANES} */ (way)]) continue;
        if (scenario === 'no crash' && way === 'serial') continue;
        took[way]?.push(await ground.onServer(death, (on) => buildWithXargs(images, lanes, on)));
      }
      if (run < counts.cold) {
        const cold = await ground.act({ inputs, death });
        took['cold']?.push(cold);
        // What a run without a crash taught is also what the next one knows that is to see one; a server that dies above
        // one build has died under the earlier runs, too.
        if (scenario === 'no crash' || scenario === 'dies above one build') learnt = cold.learnt;
      }
      if (run < counts.history) took['history']?.push(await ground.act({ inputs, death, learnt }));
      const last = Object.entries(took).flatMap(([way, all]) =>
        all.length === 0 ? [] : `${way} ${seconds(all.at(-1)?.ms)}`,
      );
      console.error(`${scenario}, run ${run + 1}: ${last.join(', ')}`);
    }
  }
  return results;
}
