import type { Answer, Engine, Question } from '../engine/engine.js';
import { expectedPeakBytes, runsOf } from '../history/expectations.js';
import type { History } from '../history/history.js';
import type { ImageSpec } from '../plan/image-spec.js';
import { learntLane } from '../schedule/learnt-lane.js';
import { autoParallelism, type BuildMachine } from '../schedule/parallelism.js';

/** The lane that a run begins with, and why it is not simply `max-parallel`, where it is not. */
export interface StartLane {
  limit: number;
  why?: string;
  /** Whether it is narrower than `max-parallel` by what earlier runs taught. */
  learnt?: true;
}

/**
 * How many builds may run at first: `max-parallel`, or with `auto` what the engine's machine has room for; and no more than
 * earlier runs taught. `host` is this machine, on which an engine without a server builds.
 */
export async function startLane(
  maxParallel: number | 'auto',
  of: {
    engine: Engine;
    images: readonly ImageSpec[];
    history: History;
    host: BuildMachine;
    ask(question: Question): Promise<Answer>;
  },
): Promise<StartLane> {
  const { engine, images, history } = of;
  const most =
    maxParallel === 'auto'
      ? autoParallelism(
          await machineOf(of),
          images.map((image) => peakOf(image, history, engine)),
        )
      : { limit: maxParallel };
  const learnt = learntLane(runsOf(history, engine.facts), most.limit);
  if (learnt.limit < most.limit) return { ...learnt, learnt: true };
  return 'why' in most ? { limit: most.limit, why: `max-parallel: auto, ${most.why}` } : most;
}

/** How much memory a build of the image is expected to need at its peak, in bytes: as it says, or as it was in earlier runs. */
export function peakOf(
  { name, memoryBytes }: ImageSpec,
  history: History,
  { facts }: Pick<Engine, 'facts'>,
): number | undefined {
  return memoryBytes ?? expectedPeakBytes(history, facts, name);
}

/** A server's machine can be a virtual one that is smaller than this. */
async function machineOf({
  engine,
  host,
  ask,
}: {
  engine: Engine;
  host: BuildMachine;
  ask(question: Question): Promise<Answer>;
}): Promise<BuildMachine> {
  if (engine.server === undefined) return host;
  const answer = await ask(engine.server.askMachine);
  return (answer.code === 0 ? engine.server.readMachine(answer.stdout)?.machine : undefined) ?? {};
}
