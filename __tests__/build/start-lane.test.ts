import { describe, expect, it } from '@jest/globals';
import { startLane } from '../../src/build/start-lane.js';
import { buildahFromProbe } from '../../src/engine/buildah.js';
import { dockerFromApi } from '../../src/engine/docker.js';
import type { Answer, Engine, Question } from '../../src/engine/engine.js';
import { podmanFromApi } from '../../src/engine/podman.js';
import { engineKey, type History, NO_HISTORY } from '../../src/history/history.js';
import { imageSpec } from '../support/image-spec-factory.js';

const GIB = 2 ** 30;
const HOST = { cpus: 64, memoryBytes: 256 * GIB };
const REQUEST = { engine: 'auto' as const, engineUrl: 'unix:///e.sock' };
const API = { socketPath: '/e.sock' };
const answer = (stdout: string, server = ''): Answer => ({ code: 0, stdout, stderr: '', server });
const podman = found(podmanFromApi(REQUEST, API, answer('OK', 'Libpod/5.4.0 (linux)'), 'asked'));
const docker = found(dockerFromApi(REQUEST, API, answer('OK', 'Docker/28.5.2 (linux)'), true, 'asked'));
const buildah = found(buildahFromProbe(answer('buildah version 1.43.0 (x)'), 'asked'));

/** The machine that a team's builds crashed on, as each server tells of it. */
const PODMAN_INFO = answer(JSON.stringify({ host: { hostname: 'fedora', cpus: 6, memTotal: 7 * GIB } }));
const DOCKER_INFO = answer(JSON.stringify({ NCPU: 6, MemTotal: 7 * GIB, Name: 'lima' }));

function found(engine: Engine | string): Engine {
  if (typeof engine === 'string') throw new Error(engine);
  return engine;
}

/** The lane of eight images on a host of 64 CPUs, and what was asked for it; `gibibytes` is what each image needs. */
async function laneOf(
  maxParallel: number | 'auto',
  engine: Engine,
  { said, gibibytes, history = NO_HISTORY }: { said?: Answer; gibibytes?: number; history?: History } = {},
) {
  const asked: Question[] = [];
  const images = Array.from({ length: 8 }, (_, index) =>
    imageSpec({ name: `i${index}`, ...(gibibytes === undefined ? {} : { memoryBytes: gibibytes * GIB }) }),
  );
  const ask = async (question: Question) => {
    asked.push(question);
    if (said === undefined) throw new Error('nothing is to be asked');
    return said;
  };
  return { lane: await startLane(maxParallel, { engine, images, history, host: HOST, ask }), asked };
}

/** A run of podman that crashed four at a time, and came through one at a time. */
const CRASHED: History = {
  ...NO_HISTORY,
  runs: [
    {
      id: 'run-1',
      at: 1,
      engine: engineKey(podman.facts),
      startLane: 4,
      endLane: 1,
      mode: 'serial',
      incidents: 2,
      result: 'success',
      durationMs: 1,
    },
  ],
};

describe('the first lane with max-parallel: auto', () => {
  it.each([
    ['podman', podman, PODMAN_INFO, { address: API, path: '/v4.0.0/libpod/info' }],
    ['docker', docker, DOCKER_INFO, { address: API, path: '/info' }],
  ])(
    'is what the machine of the server of %s has room for, however large this one is',
    async (_, engine, said, question) => {
      expect(await laneOf('auto', engine, { said })).toEqual({
        lane: {
          limit: 3,
          why: 'max-parallel: auto, 6 CPUs for 3, 7.0 GiB of memory for 3 of the largest (0 of 8 known)',
        },
        asked: [question],
      });
    },
  );

  it('goes by what the images need', async () => {
    expect((await laneOf('auto', podman, { said: PODMAN_INFO, gibibytes: 3 })).lane).toEqual({
      limit: 2,
      why: 'max-parallel: auto, 6 CPUs for 3, 7.0 GiB of memory for 2 of the largest (8 of 8 known)',
    });
  });

  it.each<[string, Answer]>([
    ['does not answer in time', { stdout: '', stderr: '', failure: 'no answer within 5 s' }],
    ['refuses to', { code: 500, stdout: PODMAN_INFO.stdout, stderr: '' }],
    ['answers something else', answer('{"host":null}')],
  ])('is two where the server %s, as this machine says nothing of its own', async (_, said) => {
    expect((await laneOf('auto', podman, { said })).lane).toEqual({
      limit: 2,
      why: 'max-parallel: auto, nothing is known of the machine that builds',
    });
  });

  it('is what this machine has room for where an engine has no server, and nobody is asked', async () => {
    expect(await laneOf('auto', buildah, { gibibytes: 60 })).toEqual({
      lane: {
        limit: 3,
        why: 'max-parallel: auto, 64 CPUs for 32, 256.0 GiB of memory for 3 of the largest (8 of 8 known)',
      },
      asked: [],
    });
  });

  it('is narrower where earlier runs came through less, and says that instead', async () => {
    expect((await laneOf('auto', podman, { said: PODMAN_INFO, history: CRASHED })).lane).toEqual({
      limit: 2,
      why: 'the last run had 2 incidents and ended 1 at a time',
      learnt: true,
    });
  });
});

describe('the first lane with a number', () => {
  it('is that number, and nobody is asked', async () => {
    expect(await laneOf(5, podman)).toEqual({ lane: { limit: 5 }, asked: [] });
  });

  it('is narrower where earlier runs came through less, on the same engine alone', async () => {
    expect((await laneOf(5, podman, { history: CRASHED })).lane).toMatchObject({ limit: 2, learnt: true });
    expect((await laneOf(5, docker, { history: CRASHED })).lane).toEqual({ limit: 5 });
  });
});
