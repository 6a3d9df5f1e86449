import { readdirSync, statSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type BuildTrace, createTraceReader } from '../engine/build-trace.js';
import type { Answer, Command, Engine } from '../engine/engine.js';
import { readStorage } from '../engine/storage.js';
import type { JournalEvent } from '../journal/events.js';
import { type CleanUp, createCleanUp, type EngineMachineEffects } from '../recover/clean-up.js';
import { mayBuild, mayWorkIn } from '../recover/makers.js';
import { listProcesses } from './live-processes.js';
import { logLines } from './log-lines.js';
import { freeBytes } from './run-folder.js';
import { listSteps } from './step-processes.js';
import { listWorkFolders, removeWorkFolder } from './work-folders.js';

/** Between the start times that /proc tells and the times that engines write lies the resolution of a tick. */
const TICK_MARGIN_MS = 50;

/** Where builds keep temporary files unless `TMPDIR` says otherwise (buildah-build(1), TMPDIR). */
const TEMPORARY = '/var/tmp';

/** What interrupted attempts left, on the engine and on this machine if its storage is here. */
export function createHostCleanUp(of: {
  engine: Engine;
  /** Asks within a time limit; the signal ends it, unless the run is cancelled and has little time anyway. */
  ask(command: Command, signal?: AbortSignal): Promise<Answer>;
  /** The engine's storage on this machine, once somebody has asked for it; absent: nobody does. */
  storage?(): string | undefined;
  logPath(name: string): string;
  now(): number;
  record(event: JournalEvent): void;
}): CleanUp {
  const { engine, ask, now, record } = of;
  const commands = engine.leftovers();
  let machine: EngineMachineEffects | undefined;

  return createCleanUp({
    commands,
    ask,
    now,
    record,
    readTrace: readTraceBy(engine, of.logPath),
    async machine(engineAnswers, signal) {
      // Two may look at the same time; what the first one has found is kept.
      if (machine === undefined && engineAnswers) {
        const found = await findMachine(signal);
        machine ??= found;
      }
      return machine;
    },
  });

  async function findMachine(signal: AbortSignal | undefined): Promise<EngineMachineEffects | undefined> {
    if (commands === undefined || process.platform !== 'linux') return undefined;
    const [root, temporary] = await Promise.all([
      of.storage?.() ??
        ask(engine.storage(), signal).then(({ code, stdout }) => readStorage(code === 0 ? stdout : '', hostname())),
      commands.temporaryFolder === undefined ? undefined : ask(commands.temporaryFolder(), signal),
    ]);
    // Half an answer would be remembered: whoever comes later asks again.
    if (root === undefined || (signal !== undefined && temporary !== undefined && temporary.code !== 0))
      return undefined;
    const told = temporary?.code === 0 ? temporary.stdout.trim() : '';
    return localMachine(root, told || process.env['TMPDIR'] || TEMPORARY, ask);
  }
}

/** Reads what a build's log, named as in the report, says that it made. */
export function readTraceBy(engine: Engine, logPath: (name: string) => string): (log: string) => Promise<BuildTrace> {
  return async (log) => {
    const reader = createTraceReader(engine.facts.dialect);
    for await (const line of logLines(logPath(log))) reader.push(line);
    return reader.trace();
  };
}

function localMachine(
  graphRoot: string,
  temporary: string,
  ask: (command: Command) => Promise<Answer>,
): EngineMachineEffects {
  const bundles = new Set([temporary, tmpdir()]);
  const owner = statSync(graphRoot, { throwIfNoEntry: false })?.uid ?? 0;
  return {
    lookForMakers() {
      const live = listProcesses(owner);
      const someOf = (makers: typeof live) => (bornAt: number) =>
        makers.some(({ startedAt }) => startedAt - TICK_MARGIN_MS <= bornAt);
      return {
        inStorage: someOf(live.filter((process) => mayWorkIn(graphRoot, process))),
        anywhere: someOf(live.filter(mayBuild)),
      };
    },
    // As containers/storage lays it out: https://github.com/containers/storage/blob/main/docs/containers-storage.md
    bornAt(container) {
      const folders = readdirSync(graphRoot).filter((name) => name.endsWith('-containers'));
      const born = folders.map(
        (folder) => statSync(join(graphRoot, folder, container), { throwIfNoEntry: false })?.birthtimeMs,
      );
      return born.find((ms) => ms !== undefined && ms > 0);
    },
    async stepProcesses() {
      const steps = await listSteps(ask);
      return steps.map((step) => ({
        ...step,
        end() {
          // Where our own engine kept its things, which it can no longer tell.
          bundles.add(dirname(step.bundle));
          return step.end();
        },
      }));
    },
    workFolders: async () => listWorkFolders(bundles, owner),
    removeFolder: removeWorkFolder,
    freeBytes: () => freeBytes(graphRoot),
  };
}
