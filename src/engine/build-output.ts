import type { Dialect } from '../journal/events.js';
import { createLineReader } from './output-lines.js';

/** A step of a build as the engine's output tells it; it comes a second time when it turns out to be cached. */
export interface BuildStep {
  /** Such as `2/5`, or `[1/2] 3/7` in a build of several stages. */
  step: string;
  /** The instruction, cut when it is long. */
  text: string;
  cached?: true;
}

interface StepLines {
  /** Where the engine prints them. */
  stream: 'stdout' | 'stderr';
  /** The characters with which such lines begin. */
  beginnings: string;
  /** Names its parts: `id` (BuildKit's number), `stage`, `step`, `text`. */
  step: RegExp;
  /** Says of the step before, or of the one with this `id`, that it is taken from the cache. */
  cached: RegExp;
}

const PODMAN: StepLines = {
  stream: 'stdout',
  beginnings: 'S[-',
  // https://github.com/containers/buildah/blob/main/imagebuildah/stage_executor.go
  step: /^(?:\[(?<stage>\d+\/\d+)\] )?STEP (?<step>\d+\/\d+): (?<text>.*)$/s,
  cached: /^(?:\[\d+\/\d+\] )?--> (?:Using cache|Cache pulled)\b/,
};

/** The lines that tell of steps, for each dialect. */
export const STEP_LINES: Record<Dialect, StepLines> = {
  podman: PODMAN,
  'podman-remote': PODMAN,
  buildah: PODMAN,
  'docker-legacy': {
    stream: 'stdout',
    beginnings: 'S ',
    // https://github.com/moby/moby/blob/master/daemon/builder/dockerfile/evaluator.go
    step: /^Step (?<step>\d+\/\d+) : (?<text>.*)$/s,
    cached: /^ ---> Using cache$/,
  },
  buildkit: {
    stream: 'stderr',
    beginnings: '#',
    // https://github.com/moby/buildkit/blob/master/util/progress/progressui/printer.go
    step: /^#(?<id>\d+) \[(?:(?<stage>[^\]]+) )?(?<step>\d+\/\d+)\] (?<text>.*)$/s,
    cached: /^#(?<id>\d+) CACHED$/,
  },
};

/** An attempt tells no more than this, so that hostile output cannot flood the journal. */
const MOST_STEPS = 500;
const LONGEST_TEXT = 200;

/**
 * Reads the steps out of a build's output as it comes, and says which of the two streams it wants. What a step prints is
 * not told from the engine's own words where both come on one stream (a served podman): a RUN that prints `STEP 9/9: x`
 * forges a step, which is why steps are shown, and decide no more than when an image that shares some of them may start,
 * and whose memory a process of the server's is.
 */
export function createStepReader(
  dialect: Dialect,
  onStep: (step: BuildStep) => void,
): { stream: 'stdout' | 'stderr'; push(chunk: Buffer): void } {
  const lines = STEP_LINES[dialect];
  /** By BuildKit's number; the other engines have one step at a time. */
  const begun = new Map<string, BuildStep>();
  let told = 0;
  return { stream: lines.stream, push: createLineReader(lines.beginnings, readLine) };

  function readLine(line: string): void {
    const begins = lines.step.exec(line)?.groups;
    if (begins !== undefined) {
      begin(begins['id'], stepOf(begins));
      return;
    }
    const id = cachedId(line);
    const step = id === undefined ? undefined : begun.get(id);
    if (step === undefined || step.cached) return;
    step.cached = true;
    tell(step);
  }

  function begin(id: string | undefined, step: BuildStep): void {
    // BuildKit repeats a step's line whenever it goes on to print of it.
    if (id !== undefined && begun.has(id)) return;
    if (!tell(step)) return;
    begun.set(id ?? '', step);
  }

  /** The key of the step that this line calls cached; undefined when it says no such thing. */
  function cachedId(line: string): string | undefined {
    const match = lines.cached.exec(line);
    return match === null ? undefined : (match.groups?.['id'] ?? '');
  }

  function tell(step: BuildStep): boolean {
    if (told >= MOST_STEPS) return false;
    told += 1;
    onStep({ ...step });
    return true;
  }
}

function stepOf({ stage, step = '', text = '' }: Record<string, string | undefined>): BuildStep {
  return { step: cut(stage === undefined ? step : `[${stage}] ${step}`), text: cut(text) };
}

/** One line that can be printed: no control characters, and not cut inside a character. */
function cut(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  const characters = [...plain];
  return characters.length <= LONGEST_TEXT ? plain : `${characters.slice(0, LONGEST_TEXT - 1).join('')}…`;
}
