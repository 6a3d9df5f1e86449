import { realpathSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Engine } from '../engine/engine.js';
import { type EngineServer, type ServerAddress, socketPaths } from '../engine/server.js';
import { readStorage } from '../engine/storage.js';
import type { EngineMachine, JournalEvent } from '../journal/events.js';
import { createResourceSampler, type ResourceSampler } from '../resources/sampler.js';
import { askWithinLimit } from './build-effects.js';
import { every, sleep } from './clock.js';
import { type MacFigures, macFigures } from './mac-figures.js';
import { ownShare } from './machine.js';
import { procFiles } from './proc-files.js';
import { freeBytes } from './run-folder.js';
import { listSteps } from './step-processes.js';

const SAMPLE_EVERY_MS = 1_000;

/** A remote engine is asked for its machine's figures less often, as each time costs it something. */
const ASK_MACHINE_EVERY_MS = 15_000;
const ASK_STORAGE_EVERY_MS = 3_000;
/** The last of them says whether an incident is open. */
const INCIDENT_EVENTS: readonly JournalEvent['type'][] = ['incident-opened', 'incident-reopened', 'incident-closed'];
const MACHINE_LIMIT_MS = { request: 5_000, command: 10_000 };

/** A sampler of this machine, and how to have it look every second from some moment on. */
export function prepareSampling(now: () => number): {
  sampler: ResourceSampler;
  startSampling(of: {
    engine: Engine;
    /** What has happened so far. */
    events: readonly JournalEvent[];
    record(event: JournalEvent): void;
  }): { stop(): Promise<void> };
} {
  const figures = macFigures();
  const sampler = createResourceSampler({
    proc: procFiles,
    freeBytes,
    now,
    figures,
    memoryBytes: ownShare().memoryBytes,
  });
  return { sampler, startSampling: (of) => startSampling({ ...of, sampler, figures, now }) };
}

/**
 * Samples until it is stopped, every second, and learns meanwhile where the engine's images and its server are. Begins when
 * builds have begun, so that nothing of it delays the first of them.
 */
export function startSampling(of: {
  engine: Engine;
  sampler: ResourceSampler;
  figures: MacFigures | undefined;
  events: readonly JournalEvent[];
  now(): number;
  record(event: JournalEvent): void;
}): { stop(): Promise<void> } {
  const { engine, sampler, now, record } = of;
  const over = new AbortController();
  const { signal } = over;
  let searching: Promise<void> | undefined;
  const sample = () => {
    record({ type: 'sample', at: now(), ...sampler.sample() });
    if (sampler.isSearchingSteps()) searching ??= findSteps();
  };
  const stopTimer = every(SAMPLE_EVERY_MS, sample);
  const learning = [locateStorage(), followServer(engine.server), of.figures?.follow(now, sleep, signal)];
  sample();
  return {
    async stop() {
      stopTimer();
      over.abort();
      await Promise.all([...learning, searching]);
      record({ type: 'sample', at: now(), ...sampler.sample() });
    },
  };

  /** The runtimes are asked only while there is a step whose process is not known: it costs two processes. */
  async function findSteps(): Promise<void> {
    try {
      sampler.findSteps(await listSteps((command) => askWithinLimit(command, signal)));
    } catch {
      // A figure less, and the next look may have it.
    } finally {
      searching = undefined;
    }
  }

  /** Tells the sampler where the engine keeps its images; an engine that has just died is asked again. */
  async function locateStorage(): Promise<void> {
    while (!signal.aborted) {
      const answer = incidentIsOpen(of.events) ? undefined : await askWithinLimit(engine.storage(), signal);
      if (answer?.code === 0) return sampler.setStorage(readStorage(answer.stdout, hostname()));
      await sleep(ASK_STORAGE_EVERY_MS, signal);
    }
  }

  async function followServer(server: EngineServer | undefined): Promise<void> {
    if (server === undefined) return;
    const address = await addressOf(server);
    if (address === undefined) return;
    const paths = process.platform === 'linux' ? socketPaths(address.url, realPath) : undefined;
    if (paths === undefined) await followMachine(server, address.machine);
    else sampler.watchServer(paths);
  }

  async function addressOf(server: EngineServer): Promise<ServerAddress | undefined> {
    const url = server.address ?? process.env[server.variable];
    if (url) return { url };
    const answer = await askWithinLimit(server.askAddress, signal);
    return answer.code === 0 ? server.readAddress(answer.stdout, process.env['CONTAINER_CONNECTION']) : undefined;
  }

  /** One question at a time, and none while the engine is known to be dead. */
  async function followMachine(server: EngineServer, name: string | undefined): Promise<void> {
    let machine: EngineMachine | undefined;
    while (!signal.aborted) {
      const answer = incidentIsOpen(of.events)
        ? undefined
        : await askWithinLimit(server.askMachine, signal, MACHINE_LIMIT_MS);
      const told = answer?.code === 0 ? server.readMachine(answer.stdout) : undefined;
      if (told !== undefined && machine === undefined) {
        machine = { ...told.machine, ...(await virtualMachine(server, name)) };
        sampler.setEngineMemory(machine.memoryBytes);
        record({ type: 'engine-machine', at: now(), machine });
      }
      if (told?.now !== undefined) sampler.setEngineFigures(told.now);
      // Some servers tell what their machine has, and never what is free of it.
      else if (told !== undefined) return;
      await sleep(ASK_MACHINE_EVERY_MS, signal);
    }
  }

  async function virtualMachine(server: EngineServer, name: string | undefined): Promise<EngineMachine> {
    const command = name === undefined ? undefined : server.askVirtualMachine(name);
    if (command === undefined) return {};
    const answer = await askWithinLimit(command, signal);
    return (answer.code === 0 ? server.readVirtualMachine(answer.stdout) : undefined) ?? {};
  }
}

function incidentIsOpen(events: readonly JournalEvent[]): boolean {
  const last = events.findLast(({ type }) => INCIDENT_EVENTS.includes(type));
  return last !== undefined && last.type !== 'incident-closed';
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
