// The twelve images of examples/kubernaut-like: `fresh` beside `--no-cache` under xargs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { prepareKubernautLike } from '../demo/kubernaut-like.mjs';
import { noDeath } from './deaths.mjs';
import { openGround } from './ground.mjs';
import { buildWithXargs } from './peers.mjs';
import { FIGURE_HEAD, figureRow, median } from './table.mjs';

/** Each takes a minute or more, so that what users do is run once. */
const MOST_RUNS = 2;

/** @param {{ runs: number }} options @returns {Promise<import('./table.mjs').Table[]>} */
export async function measureKubernaut({ runs }) {
  const ground = openGround();
  try {
    const { definition, buildArgs } = prepareKubernautLike('examples', ground.workspace);
    const args = buildArgs === '' ? [] : ['--build-arg', buildArgs];
    const images = readImages(ground.workspace, definition);
    const inputs = { files: definition, 'build-args': buildArgs, 'max-parallel': '2' };
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
      console.error(`kubernaut-like, run ${run + 1}`);
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
          ...(hasFresh ? [] : ['The action has no input `fresh` yet.']),
        ],
      },
    ];
  } finally {
    ground.close();
  }
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
      const { ms } = await buildWithXargs(part, 2, on, args);
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
