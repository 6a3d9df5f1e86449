import type { BuildTrace } from '../engine/build-trace.js';
import type { Answer, Command, Engine, Question } from '../engine/engine.js';
import type { BuiltImage, JournalEvent } from '../journal/events.js';
import type { ImageSpec } from '../plan/image-spec.js';
import { chooseLayers } from '../recover/leftovers.js';
import type { Scheduler } from '../schedule/scheduler.js';
import { bareId, mayPrune, whyKept } from './may-prune.js';

/** Each round removes the layers that nothing is built on; those below them come up in the next one. */
const MOST_ROUNDS = 200;
/** Removing is the last that matters: whatever is built or handed over goes first. */
const RANK = Number.MAX_SAFE_INTEGER;

/** The attempt that built an image; `log` is its log's name. */
export interface MadeBy {
  startedAt: number;
  endedAt: number;
  log: string;
}

export interface PrunerEffects {
  engine: Engine;
  images: readonly ImageSpec[];
  /** The lane of hand-offs, in which images are removed. */
  lane: Scheduler;
  ask(question: Question): Promise<Answer>;
  /** Runs a command that may take long, as it removes gigabytes. */
  askPatiently(command: Command): Promise<Answer>;
  readTrace(log: string): Promise<BuildTrace>;
  freeBytes(): number | undefined;
  /** Whether no build goes on: layers are removed only then, as a build could be about to go on from them. */
  noBuildRuns(): boolean;
  /** Has what waits asked again. */
  wake(): void;
  now(): number;
  record(event: JournalEvent): void;
  /** Nothing more is removed when it aborts. */
  over: AbortSignal;
}

/** Removes the engine's copies of images that are handed over, and nothing that was there before the run. */
export interface Pruner {
  /** Lists what the engine has; before the first attempt. */
  begin(): Promise<void>;
  /** An image came to its end; `handedOver`: all that it goes to has it. */
  ended(image: ImageSpec, handedOver?: { built: BuiltImage; madeBy: MadeBy }): void;
  /** Whether layers are being removed: no build may begin. */
  isRemovingLayers(): boolean;
  /** Begins to remove layers of removed images when no build goes on; says whether anything is being removed. */
  makeRoom(): boolean;
  /** Removes what is left to remove; when all builds are over. */
  finish(): Promise<void>;
}

/** A pruner that removes nothing. */
export const NO_PRUNING: Pruner = {
  begin: async () => {},
  ended: () => {},
  isRemovingLayers: () => false,
  makeRoom: () => false,
  finish: async () => {},
};

/**
 * Images are removed by their names as soon as they are handed over and none is built on them. The layers of their steps
 * stay as long as builds go on, which may share them: they go at the end, or when builds wait for space.
 */
export function createPruner(effects: PrunerEffects): Pruner {
  const { engine, images, lane, ask, now, record } = effects;
  const commands = engine.removal();
  const { layers } = engine.leftovers() ?? {};
  const ended = new Set<string>();
  /** Handed over, and to be removed once no other image is built on them. */
  const due = new Map<string, { image: ImageSpec; built: BuiltImage; madeBy: MadeBy }>();
  const attempts: MadeBy[] = [];
  /** How many of them the last look for layers knew. */
  let known = 0;
  const removing = new Set<Promise<void>>();
  let before: Map<string, { named: boolean }> | undefined;
  let removingLayers: Promise<void> | undefined;

  return {
    async begin() {
      const answer = await ask(commands.list());
      if (answer.code !== 0) return warn(`nothing will be removed from the engine: ${complaint(answer)}`);
      before = new Map(commands.readList(answer.stdout).map(({ id, named }) => [id, { named }]));
    },
    ended(image, handedOver) {
      ended.add(image.name);
      if (before === undefined) return;
      if (handedOver !== undefined) due.set(image.name, { image, ...handedOver });
      // What takes its steps along must not do so while others may build on them.
      if (!commands.takesSteps) removeDue();
    },
    isRemovingLayers: () => removingLayers !== undefined || (commands.takesSteps && removing.size > 0),
    makeRoom() {
      if (commands.takesSteps && due.size > 0 && effects.noBuildRuns()) removeDue();
      if (removing.size === 0 && attempts.length > known && effects.noBuildRuns()) void removeLayers();
      return removing.size > 0 || removingLayers !== undefined;
    },
    async finish() {
      if (before === undefined) return;
      if (!effects.over.aborted) removeDue();
      // What is under way is waited for in any case: nothing may be told once the run has ended.
      await Promise.all(removing);
      await removingLayers;
      // Also those that a look before had to leave, as others were built on them or the engine was dead.
      known = 0;
      if (!effects.over.aborted) await removeLayers();
    },
  };

  function removeDue(): void {
    for (const one of due.values()) {
      if (!mayPrune(one.image, images, ended)) continue;
      due.delete(one.image.name);
      const turn = lane
        .run({ rank: () => RANK, alone: () => commands.takesSteps, run: () => remove(one) })
        .then(
          () => {},
          (error: unknown) => warn(`"${one.image.name}" stays in the engine: ${String(error)}`),
        )
        .then(() => {
          removing.delete(turn);
          effects.wake();
        });
      removing.add(turn);
    }
  }

  async function remove({ image, built, madeBy }: { image: ImageSpec; built: BuiltImage; madeBy: MadeBy }) {
    const kept = whyKept(built, before ?? new Map(), commands.takesSteps);
    if (kept !== undefined) return warn(`"${image.name}" stays in the engine: ${kept}`);
    const tags = await namesOf(image, built);
    if (tags.length === 0) return warn(`"${image.name}" stays in the engine: its tags are no longer its own`);
    const freeBefore = effects.freeBytes();
    const answer = await effects.askPatiently(commands.remove(tags));
    if (answer.code !== 0) return warn(`"${image.name}" could not be removed from the engine: ${complaint(answer)}`);
    if ((await ask(engine.inspect(built.id))).code === 0)
      return warn(`"${image.name}" stays in the engine without its tags: it has other names there`);
    if (layers !== undefined) attempts.push(madeBy);
    record({ type: 'image-removed', at: now(), image: image.name, id: built.id, ...freed(freeBefore) });
  }

  /** Somebody else may have given a tag to another image since. */
  async function namesOf(image: ImageSpec, built: BuiltImage): Promise<string[]> {
    const own: string[] = [];
    for (const tag of image.tags) {
      const answer = await ask(engine.inspect(tag));
      const id = answer.code === 0 ? engine.readInspect(answer.stdout)?.id : undefined;
      if (id === built.id) own.push(tag);
    }
    return own;
  }

  function removeLayers(): Promise<void> {
    if (attempts.length === known || layers === undefined) return Promise.resolve();
    known = attempts.length;
    removingLayers = removeLayersOf([...attempts], layers)
      // Whatever goes wrong in it, the images matter more.
      .catch((error: unknown) => warn(`layers stay in the engine: ${String(error)}`))
      .then(() => {
        removingLayers = undefined;
        effects.wake();
      });
    return removingLayers;
  }

  /** Only what one of these attempts says that it made, was made within it, is not from before, and nothing is built on. */
  async function removeLayersOf(of: MadeBy[], { list, read, remove }: NonNullable<typeof layers>): Promise<void> {
    const made = await Promise.all(of.map(async ({ log, ...at }) => ({ ...at, trace: await effects.readTrace(log) })));
    const tried = new Set<string>();
    const freeBefore = effects.freeBytes();
    let removed = 0;
    for (let round = 0; round < MOST_ROUNDS && !effects.over.aborted; round += 1) {
      const listed = await ask(list());
      if (listed.code !== 0) return warn(`layers stay in the engine: ${complaint(listed)}`);
      const ids = chooseLayers(read(listed.stdout), made).filter((id) => !tried.has(id) && !before?.has(bareId(id)));
      if (ids.length === 0) break;
      for (const id of ids) tried.add(id);
      const answer = await effects.askPatiently(remove(ids));
      if (answer.code === 0) removed += ids.length;
      else warn(`${ids.length} layers stay in the engine: ${complaint(answer)}`);
    }
    if (removed > 0) record({ type: 'layers-removed', at: now(), layers: removed, ...freed(freeBefore) });
  }

  function freed(freeBefore: number | undefined): { freedBytes?: number } {
    const freeAfter = effects.freeBytes();
    return freeBefore === undefined || freeAfter === undefined
      ? {}
      : { freedBytes: Math.max(0, freeAfter - freeBefore) };
  }

  function warn(message: string): void {
    record({ type: 'warning', at: now(), message });
  }
}

function complaint({ stderr, failure, code }: Answer): string {
  return stderr.trim().split('\n').at(-1) || (failure ?? `exit code ${code}`);
}
