// The twelve images of examples/kubernaut-like: `fresh` beside `--no-cache` under xargs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { prepareKubernautLike } from '../demo/kubernaut-like.mjs';
import { noDeath } from './deaths.mjs';
import { exampleJobs, sharedLowerBound } from './example-steps.mjs';
import { openGround } from './ground.mjs';
import { buildWithXargs } from './peers.mjs';
import { FIGURE_HEAD, figureRow, median, seconds } from './table.mjs';
import './typescript.mjs';

const { simulate } = await import('../__tests__/support/simulation.ts');

const LANES = 2;

/** Each takes a minute or more, so that what users do is run once. */
const MOST_RUNS = 2;

/** @param {{ runs: number }} options @returns {Promise<import('./table.mjs').Table[]>} */
export async function measureKubernaut({ runs }) {
  const ground = openGround();
  try {
    const { definition, buildArgs } = prepareKubernautLike('examples', ground.workspace);
    const args = buildArgs === '' ? [] : ['--build-arg', buildArgs];
    const images = readImages(ground.workspace, definition);
    const inputs = { files: definition, 'build-args': buildArgs, 'max-parallel': String(LANES) };
    const hasFresh = /^ {2}fresh:/m.test(readFileSync('action.yml', 'utf8'));

    const peers = [];
    const cold = [];
    const learnt = [];
    for (let run = 0; run < Math.min(runs, MOST_RUNS); run += 1) {
      if (run === 0) peers.push(await buildAsUsersDo(ground, images, args));
      if (!hasFresh) break;
      const first = await ground.act({ inputs: { ...inputs, fresh: 'true' } });
      cold.push(first);
      learnt.push(await ground.act({ inputs: { ...inputs, fresh: 'true' }, learnt: first.learnt }));
      console.error(
        `kubernaut-like, run ${run + 1}: xargs ${seconds(peers[0]?.ms)}, cold ${seconds(first.ms)}, with history ${seconds(learnt.at(-1)?.ms)}`,
      );
    }
    const beside = { peer: 'xargs -P2, --no-cache', beside: typical(peers), most: 0.6 };
    return [
      {
        title: 'examples/kubernaut-like, `fresh`, two lanes',
        rows: [
          FIGURE_HEAD,
          ...[
            figureRow({ what: 'cold', ours: typical(cold), ...beside }),
            figureRow({ what: 'with history', ours: typical(learnt), ...beside }),
          ].map((row) => (hasFresh ? row : row.with(1, 'not measured').with(-1, 'not measured'))),
        ],
        notes: [
          'Under xargs the base is built first, by itself.',
          describeBounds(),
          ...(hasFresh ? [] : ['The action has no input `fresh` yet.']),
        ],
      },
    ];
  } finally {
    ground.close();
  }
}

/** What the seconds in the Containerfiles allow, on a machine that has nothing else to do. */
function describeBounds() {
  const jobs = exampleJobs();
  const listed = simulate(jobs, new Map(jobs.map(({ name }, index) => [name, index])), LANES);
  const shared = sharedLowerBound(LANES);
  return `By the Containerfiles' own seconds, ${LANES} lanes take ${seconds(listed)} in listed order without sharing, and with all sharing and the best order no less than ${seconds(shared)}: ${(shared / listed).toFixed(2)}.`;
}

/** @param {string} workspace @param {string} definition */
function readImages(workspace, definition) {
  /** @type {{ images: { name: string, context: string, tags: string, needs?: string[] }[] }} */
  const { images } = parse(readFileSync(join(workspace, definition), 'utf8'));
  return images.map(({ name, context, tags, needs = [] }) => ({
    name,
    context: join(workspace, context),
    tags: [tags],
    needs,
  }));
}

/**
 * What needs nothing first, then the others.
 * @param {import('./ground.mjs').Ground} ground @param {ReturnType<typeof readImages>} images @param {string[]} args
 */
function buildAsUsersDo(ground, images, args) {
  return ground.onServer(noDeath, async (on) => {
    let total = 0;
    for (const part of [
      images.filter(({ needs }) => needs.length === 0),
      images.filter(({ needs }) => needs.length > 0),
    ]) {
      const { ms } = await buildWithXargs(part, LANES, on, args);
      if (ms === undefined) throw new Error('the examples cannot be built with podman build --no-cache under xargs');
      total += ms;
    }
    return { ms: total };
  });
}

/** @param {{ ms: number | undefined }[]} took */
function typical(took) {
  const times = took.flatMap(({ ms }) => (ms === undefined ? [] : [ms]));
  return times.length < took.length ? undefined : median(times);
}
