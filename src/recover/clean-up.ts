import type { BuildTrace } from '../engine/build-trace.js';
import type { Answer, Command } from '../engine/engine.js';
import type { LeftoverCommands, Stored } from '../engine/leftovers.js';
import type { JournalEvent, Leftover } from '../journal/events.js';
import {
  chooseContainers,
  chooseFolders,
  chooseLayers,
  chooseProcesses,
  type Interrupted,
  type MayLive,
  type StepProcess,
  type WorkFolder,
} from './leftovers.js';

/** Each round removes the layers that nothing is built on; those below them come up in the next one. */
const MOST_ROUNDS = 200;

/** A step's process, and how it is ended with all that it started, and its runtime's state removed. */
export interface EndableStep extends StepProcess {
  /** What the runtime calls it. */
  id: string;
  end(): Promise<Answer>;
}

/** The machine that the engine's storage is on, when that is this one. */
export interface EngineMachineEffects {
  /** Looks at the processes of this moment: those that may work in the engine's storage, and all that may be building. */
  lookForMakers(): { inStorage: MayLive; anywhere: MayLive };
  /** When this container of the engine's storage was made, for an engine that does not tell. */
  bornAt(container: string): number | undefined;
  stepProcesses(): Promise<EndableStep[]>;
  workFolders(): Promise<WorkFolder[]>;
  /** Says why the folder could not be removed; undefined when it is gone. */
  removeFolder(path: string): Promise<string | undefined>;
  freeBytes(): number | undefined;
}

export interface CleanUpEffects {
  commands: LeftoverCommands | undefined;
  /** Asks the engine, within a time limit. */
  ask(command: Command): Promise<Answer>;
  /** Reads the trace of a build from its log. */
  readTrace(log: string): Promise<BuildTrace>;
  /**
   * Where the storage is, by what the engine says of it; undefined when that is not known, or not here. The signal ends
   * the asking.
   */
  machine(engineAnswers: boolean, signal?: AbortSignal): Promise<EngineMachineEffects | undefined>;
  now(): number;
  record(event: JournalEvent): void;
}

/** An attempt that did not come to its own end; `log` is its log's name. */
export type InterruptedAttempt = Omit<Interrupted, 'trace'> & { log: string };

/** Removes what interrupted attempts have left. */
export interface CleanUp {
  /** Asks an engine that lives what one that has just come back would take its time to tell; never rejects. */
  prepare(signal: AbortSignal): Promise<void>;
  interrupted(attempt: InterruptedAttempt): void;
  /**
   * Removes what the interrupted attempts so far have left, and records it. Dangling layers only at the end of the run, as
   * a later attempt goes on from them; commands are for an engine that answers. Resolves with whether the engine did what it
   * was asked for; never throws.
   */
  run(of: { incident?: number; engineAnswers: boolean }): Promise<boolean>;
  /** Whether the last run had to leave something, as something that lives may need it: a later look may find it dead. */
  leftSomething(): boolean;
}

/** A clean-up that removes nothing. */
export const NO_CLEAN_UP: CleanUp = {
  prepare: async () => {},
  interrupted: () => {},
  run: async () => true,
  leftSomething: () => false,
};

/** Removes only what is provably ours (`recover/leftovers.ts`), each thing by its own id. */
export function createCleanUp(effects: CleanUpEffects): CleanUp {
  const { commands, ask, now, record } = effects;
  const attempts: InterruptedAttempt[] = [];
  const traces = new Map<string, Promise<BuildTrace>>();
  /** One at a time: two would list the same things. */
  let last = Promise.resolve(true);
  let leftover = false;

  return {
    prepare: (signal) =>
      effects.machine(true, signal).then(
        () => {},
        () => {},
      ),
    interrupted: (attempt) => attempts.push(attempt),
    leftSomething: () => leftover,
    run(of) {
      if (attempts.length === 0) return last;
      // Whatever goes wrong in it, the images matter more.
      last = last.then(() => clean(of)).catch((error: unknown) => tell(of.incident, error));
      return last;
    },
  };

  function tell(incident: number | undefined, error: unknown): boolean {
    const left = [`the clean-up failed: ${error instanceof Error ? error.message : String(error)}`];
    record({ type: 'cleaned-up', at: now(), ...(incident === undefined ? {} : { incident }), removed: [], left });
    return false;
  }

  async function clean({ incident, engineAnswers }: { incident?: number; engineAnswers: boolean }): Promise<boolean> {
    const removed: Leftover[] = [];
    const left: string[] = [];
    let failed = false;
    // At once, as the next attempts wait for all of it.
    const [interrupted, machine, containers] = await Promise.all([
      Promise.all(attempts.map(withTrace)),
      effects.machine(engineAnswers),
      commands === undefined || !engineAnswers ? undefined : list(commands.containers(), commands.readContainers),
    ]);
    const freeBefore = machine?.freeBytes();
    const unseen: MayLive = () => undefined;
    const makers = machine?.lookForMakers() ?? { inStorage: unseen, anywhere: unseen };
    if (machine !== undefined) await endProcesses(machine);
    if (commands !== undefined && containers !== undefined) {
      await removeContainers(commands, containers);
      if (incident === undefined) await removeLayers(commands);
    }
    if (machine !== undefined) await removeFolders(machine);
    leftover = left.length > 0;
    if (removed.length === 0 && left.length === 0) return engineAnswers;
    const freeAfter = machine?.freeBytes();
    record({
      type: 'cleaned-up',
      at: now(),
      ...(incident === undefined ? {} : { incident }),
      removed,
      ...(freeBefore === undefined || freeAfter === undefined
        ? {}
        : { freedBytes: Math.max(0, freeAfter - freeBefore) }),
      left,
    });
    return engineAnswers && !failed;

    async function endProcesses(on: EngineMachineEffects): Promise<void> {
      const steps = chooseProcesses(await on.stepProcesses(), interrupted, makers.anywhere);
      await Promise.all(
        steps.map(async ({ id, pid, ended, end }) => {
          const answer = await end();
          const [kind, name] = ended === true ? (['runtime-state', id] as const) : (['process', `${pid}`] as const);
          if (answer.code === 0) removed.push({ kind, id: name });
          else left.push(`${kind === 'process' ? kind : 'state of'} ${name}: ${complaint(answer)}`);
        }),
      );
    }

    async function removeContainers(on: LeftoverCommands, listed: Stored[]): Promise<void> {
      const found = listed.map((thing) => withBirth(thing, machine));
      const choice = chooseContainers(found, interrupted, makers.inStorage);
      left.push(...choice.left);
      await remove('working-container', choice.ids, on.removeContainers);
    }

    async function removeLayers({ layers }: LeftoverCommands): Promise<void> {
      if (layers === undefined) return;
      const tried = new Set<string>();
      for (let round = 0; round < MOST_ROUNDS; round += 1) {
        const found = await list(layers.list(), layers.read);
        const ids = chooseLayers(found, interrupted).filter((id) => !tried.has(id));
        if (ids.length === 0) return;
        for (const id of ids) tried.add(id);
        await remove('layer', ids, layers.remove);
      }
    }

    async function removeFolders(on: EngineMachineEffects): Promise<void> {
      for (const path of chooseFolders(await on.workFolders(), interrupted, makers.anywhere)) {
        const failure = await on.removeFolder(path);
        if (failure === undefined) removed.push({ kind: 'temporary-folder', id: path });
        else left.push(`${path}: ${failure}`);
      }
    }

    /** Removes all by one command; where that fails for one of them, the others are gone all the same. */
    async function remove(kind: Leftover['kind'], ids: string[], command: (ids: string[]) => Command): Promise<void> {
      if (ids.length === 0) return;
      const answer = await ask(command(ids));
      if (answer.code === 0) removed.push(...ids.map((id) => ({ kind, id })));
      else {
        failed = true;
        left.push(`${ids.length} × ${kind}: ${complaint(answer)}`);
      }
    }

    async function list(command: Command, read: (stdout: string) => Stored[]): Promise<Stored[]> {
      const answer = await ask(command);
      if (answer.code === 0) return read(answer.stdout);
      failed = true;
      left.push(`the engine does not list what it stores: ${complaint(answer)}`);
      return [];
    }
  }

  function withBirth(thing: Stored, machine: EngineMachineEffects | undefined): Stored {
    const bornAt = thing.bornAt ?? machine?.bornAt(thing.id);
    return bornAt === undefined ? thing : { ...thing, bornAt };
  }

  async function withTrace({ log, ...attempt }: InterruptedAttempt): Promise<Interrupted> {
    const known = traces.get(log) ?? effects.readTrace(log);
    traces.set(log, known);
    return { ...attempt, trace: await known };
  }
}

function complaint({ stderr, failure, code }: Answer): string {
  return stderr.trim().split('\n').at(-1) || (failure ?? `exit code ${code}`);
}
