import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { podmanFromApi } from '../../src/engine/podman.js';
import { procFiles } from '../../src/host/proc-files.js';
import { startSampling } from '../../src/host/sampling.js';
import type { JournalEvent } from '../../src/journal/events.js';
import { createResourceSampler } from '../../src/resources/sampler.js';

const INFO = { host: { hostname: 'vm', cpus: 6, memTotal: 7_000, memFree: 2_000, swapTotal: 500, swapFree: 100 } };

describe('sampling a remote engine', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  /** Answers as podman's API does, or never; and samples it. */
  async function lab(answers: boolean, before: JournalEvent[] = []) {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      // Where its images are is asked by its client, in that one's own way.
      if (request.url === '/v4.0.0/libpod/info') asked.push(request.url);
      if (answers) response.end(JSON.stringify(INFO));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const engine = podmanFromApi(
      { engine: 'podman', engineUrl: `tcp://127.0.0.1:${port}` },
      { host: '127.0.0.1', port },
      { code: 0, stdout: 'OK', stderr: '', server: 'Libpod/5.4.0 (linux)' },
      'asked',
    );
    if (typeof engine === 'string') throw new Error(engine);
    const events = [...before];
    const record = (event: JournalEvent) => events.push(event);
    const sampler = createResourceSampler({ proc: procFiles, freeBytes: () => undefined, now: Date.now });
    const sampling = startSampling({ engine, sampler, figures: undefined, events, now: Date.now, record });
    return { asked, events, sampling };
  }

  it('tells of its machine once, and in the next sample what is free of it', async () => {
    const { asked, events, sampling } = await lab(true);
    while (!events.some((event) => event.type === 'engine-machine')) await tick();
    await sampling.stop();
    expect(asked).toEqual(['/v4.0.0/libpod/info']);
    expect(events.filter((event) => event.type === 'engine-machine')).toMatchObject([
      { machine: { name: 'vm', cpus: 6, memoryBytes: 7_000 } },
    ]);
    const samples = events.filter((event) => event.type === 'sample');
    expect(samples.map(({ engine }) => engine)).toEqual([undefined, { memoryFreeBytes: 2_000, swapUsedBytes: 400 }]);
  });

  it('does not wait for an answer that does not come', async () => {
    const { asked, events, sampling } = await lab(false);
    while (asked.length === 0) await tick();
    const began = Date.now();
    await sampling.stop();
    expect(Date.now() - began).toBeLessThan(1_000);
    expect(events.map((event) => event.type)).toEqual(['sample', 'sample']);
  });

  it('asks nothing while the engine is known to be dead', async () => {
    const { asked, sampling } = await lab(true, [
      { type: 'incident-opened', at: 1, incident: 1, evidence: [], inFlight: [] },
    ]);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await sampling.stop();
    expect(asked).toEqual([]);
  });
});

function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}
