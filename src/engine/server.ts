import type { EngineMachine, EngineSample } from '../journal/events.js';
import type { Command, Question } from './engine.js';

/** Where a server listens. */
export interface ServerAddress {
  /** Such as `unix:///run/podman/podman.sock`. */
  url: string;
  /** The podman machine that it belongs to, by the name of its connection. */
  machine?: string;
}

/** What can be learnt of the server that does an engine's work. */
export interface EngineServer {
  /** The address, where the user named it. */
  address: string | undefined;
  /** The variable in which the client looks for an address that no argument gives. */
  variable: 'CONTAINER_HOST' | 'DOCKER_HOST';
  /** Asks the client alone for the address that it takes by itself. */
  askAddress: Command;
  /** `connection`: the one that `CONTAINER_CONNECTION` names. */
  readAddress(stdout: string, connection?: string): ServerAddress | undefined;
  /** Asks the server for the machine that it runs on. */
  askMachine: Question;
  /** What that machine has, and what of it is free now (absent where the server does not say). */
  readMachine(stdout: string): { machine: EngineMachine; now?: EngineSample } | undefined;
  /** Asks the client alone for the size of the virtual machine of this name; undefined for an engine that has none. */
  askVirtualMachine(name: string): Command | undefined;
  readVirtualMachine(stdout: string): EngineMachine | undefined;
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i;

/** Whether the address names another machine, where nothing of this one can be restarted. */
export function isElsewhere(url: string | undefined): boolean {
  const [, host] = /^(?:ssh|tcp|https?):\/\/(?:[^@/]*@)?(\[[^\]]*\]|[^:/]*)/i.exec(url ?? '') ?? [];
  return host !== undefined && !LOOPBACK.test(host);
}

/** The paths under which the kernel may know a unix socket; undefined for an address of another kind. */
export function socketPaths(url: string, realPath: (path: string) => string): string[] | undefined {
  if (!url.startsWith('unix://')) return undefined;
  const path = url.slice('unix://'.length);
  // The kernel keeps the path as the server wrote it, and /var/run is a link to /run nearly everywhere.
  const real = realPath(path);
  return [...new Set([path, real, real.replace(/^\/run\//, '/var/run/')])];
}

/** Reads JSON that may be anything. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A field of what may be an object. */
export function field(value: unknown, ...path: string[]): unknown {
  let at = value;
  for (const name of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return at;
}

/** A count that is one, in a unit of so many; else undefined. Zero is what a server says that does not know. */
export function count(value: unknown, unit = 1): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value * unit : undefined;
}

/** The machine without the figures that could not be had. */
export function machineOf(figures: { [K in keyof EngineMachine]: EngineMachine[K] | undefined }): EngineMachine {
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== undefined));
}
