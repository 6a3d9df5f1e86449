import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { JournalEvent } from '../../../src/journal/events.js';
import { runBundle } from '../../support/bundle-run.js';
import { type CacheService, startCacheService } from '../../support/cache-service.js';
import { runCommand } from '../../support/command.js';
import { engineName, type Matrix, openMatrix } from '../../support/matrix-engine.js';
import { clientWords } from '../../support/private-engines.js';
import { writeImage } from '../../support/workload.js';

let matrix: Matrix;
let service: CacheService;
beforeEach(async () => {
  matrix = await openMatrix();
  service = await startCacheService();
});
afterEach(async () => {
  await service?.close();
  await matrix?.close();
});

const from = (events: JournalEvent[]) =>
  events.flatMap((event) => (event.type === 'image-restored' ? [`${event.image} from ${event.from}`] : []));

it(`unchanged images are restored on ${engineName()}, from its own store or else from the cache service`, async () => {
  const { engine, workspace } = matrix;
  const images = ['api', 'web'].map((name) => writeImage(workspace, name, [`RUN echo ${name} > /name`]));
  let machines = 0;
  const run = (freshMachine: boolean) => {
    machines += Number(freshMachine);
    const env = { ...engine.env, ...service.env, XDG_CACHE_HOME: join(workspace, '..', `cache-${machines}`) };
    const at = { workspace, temp: join(workspace, '..', 'temp') };
    return runBundle({ inputs: { ...engine.inputs, cache: 'images' }, env }, at, images);
  };
  const first = await run(true);
  expect(first).toMatchObject({ exitCode: 0, postExitCode: 0, images: { api: { attempts: 1 }, web: { attempts: 1 } } });
  expect(first.log.match(/is kept for later runs/g)).toHaveLength(2);

  expect(from((await run(false)).events).sort()).toEqual(['api from engine', 'web from engine']);

  for (const { tags } of images)
    expect(await runCommand([...clientWords(engine), 'rmi', ...tags], engine.env)).toMatchObject({ exit: 0 });
  const third = await run(true);
  expect(third).toMatchObject({ exitCode: 0, postExitCode: 0, outputs: { result: 'success' } });
  expect(from(third.events).sort()).toEqual(['api from cache-service', 'web from cache-service']);
  for (const { name, tags } of images) {
    expect(third.images[name]?.id).toBe(first.images[name]?.id);
    expect(engine.read(tags[0] as string, '/name').toString()).toBe(`${name}\n`);
  }
});
