import type { Dialect } from '../journal/events.js';

/** What an interrupted build's own output says that it left, for looking it up in the engine's storage. */
export interface BuildTrace {
  /** Steps that began on an image which the output does not name: each may have a container of its own. */
  unnamed: number;
  /** Ids of images that the build made, at least their first digits, in order. */
  layers: string[];
  /** Ids of images that it took from the cache. */
  cached: string[];
  /** Ids of containers that it said it runs steps in. */
  containers: string[];
  /** The last instruction that it began. */
  lastStep: string;
}

/** Reads the trace line by line; a line's end may be missing. */
export interface TraceReader {
  push(line: string): void;
  trace(): BuildTrace;
}

const STEP = /^(?:\[\d+\/\d+\] )?STEP \d+\/\d+: (.*)$/i;
const LEGACY_STEP = /^Step \d+\/\d+ : (.*)$/;
const LAYER = /^--> ([0-9a-f]{11,64})$/;
const CACHED = /^--> Using cache ([0-9a-f]{12,64})$/;
const LEGACY_LAYER = /^ ---> ([0-9a-f]{12,64})$/;
const LEGACY_CACHED = /^ ---> Using cache$/;
const LEGACY_CONTAINER = /^ ---> Running in ([0-9a-f]{12,64})$/;

/**
 * A reader for the output of this dialect. With a served podman the output of `RUN` comes with it and can imitate it:
 * the trace alone proves nothing, it says what to look for.
 */
export function createTraceReader(dialect: Dialect): TraceReader {
  const trace: BuildTrace = { unnamed: 0, layers: [], cached: [], containers: [], lastStep: '' };
  /** The next layer that is named comes from the cache. */
  let fromCache = false;
  let from = false;
  const push = dialect === 'docker-legacy' ? pushLegacy : dialect === 'buildkit' ? () => {} : pushBuildah;
  return { push: (line) => push(line.replace(/\r$/, '')), trace: () => trace };

  function pushBuildah(line: string): void {
    const step = STEP.exec(line);
    if (step !== null) {
      trace.lastStep = step[1] ?? '';
      // With --iidfile buildah keeps the ids of its layers to itself.
      if (dialect === 'buildah' || /^FROM\s/i.test(trace.lastStep)) trace.unnamed += 1;
      return;
    }
    const cached = CACHED.exec(line)?.[1];
    if (cached !== undefined) {
      trace.cached.push(cached);
      fromCache = true;
      return;
    }
    const layer = LAYER.exec(line)?.[1];
    if (layer === undefined) return;
    if (!fromCache) trace.layers.push(layer);
    fromCache = false;
  }

  function pushLegacy(line: string): void {
    const step = LEGACY_STEP.exec(line);
    if (step !== null) {
      trace.lastStep = step[1] ?? '';
      from = /^FROM\s/i.test(trace.lastStep);
      fromCache = false;
      return;
    }
    if (LEGACY_CACHED.test(line)) {
      fromCache = true;
      return;
    }
    const container = LEGACY_CONTAINER.exec(line)?.[1];
    if (container !== undefined) {
      trace.containers.push(container);
      return;
    }
    const layer = LEGACY_LAYER.exec(line)?.[1];
    if (layer === undefined) return;
    // What FROM names is an image that was there before.
    if (from || fromCache) trace.cached.push(layer);
    else trace.layers.push(layer);
    fromCache = false;
  }
}
