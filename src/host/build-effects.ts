import { resolve } from 'node:path';
import { attemptFiles } from '../build/attempt-files.js';
import { makeByLoad } from '../build/load-making.js';
import { makeByBuild } from '../build/making.js';
import { createReuse } from '../build/reuse.js';
import type { RunEffects } from '../build/run.js';
import type { RunSettings } from '../build/settings.js';
import { createStepReader } from '../engine/build-output.js';
import { formatCommand } from '../engine/command-line.js';
import type { Answer, Command, Engine, Question } from '../engine/engine.js';
import { handOffsOf } from '../handoff/hand-offs.js';
import type { HistorySource } from '../history/history-source.js';
import type { JournalEvent } from '../journal/events.js';
import type { ArchiveSource } from '../plan/archive-source.js';
import type { ImageSpec } from '../plan/image-spec.js';
import type { Plan } from '../plan/plan.js';
import { NO_CLEAN_UP } from '../recover/clean-up.js';
import { readPing } from '../recover/ping.js';
import type { ResourceSampler } from '../resources/sampler.js';
import type { TimeCommand } from '../resources/time-command.js';
import { askByRequest, streamByRequest } from './api-request.js';
import { createArchiveFiles } from './archive-files.js';
import { createHostCleanUp, readTraceBy } from './clean-up.js';
import { abortLater, type createClock, sleep, timer } from './clock.js';
import { countInstructions } from './containerfile.js';
import { measureContext } from './context-size.js';
import { afterThis, copied } from './copied-content.js';
import { restorerFor } from './image-restorer.js';
import { markOf } from './orphans.js';
import { askByCommand, startBuild, streamByCommand } from './process.js';
import { createRecovery } from './recovery-acts.js';
import { runAgeOn } from './run-age.js';
import { type RunFolder, spaceIn } from './run-folder.js';
import { workspace } from './runner.js';
import type { ScratchFolder } from './scratch-folder.js';
import type { ProvidedSecrets } from './secret-files.js';
import { laneJoiner } from './shared-lane.js';
import { followsSteps } from './step-processes.js';
import { putTimeBefore } from './time-wrapper.js';

/** No probe may wait longer for an engine: `podman info` and `podman ps` can hang on a wedged lock. */
const PROBE_LIMIT_MS = 10_000;

const ASK_LIMIT_MS = { request: PROBE_LIMIT_MS, command: PROBE_LIMIT_MS };

/** Fetching and loading an image takes its time. */
const WORK_LIMIT_MS = 110_000;

/** Removing gigabytes of layers takes its time. */
const CLEAN_UP_LIMIT_MS = 60_000;
const CANCELLED_ASK_LIMIT_MS = 1_000;

/** A live API answers a ping in milliseconds; a client has to start first. */
const PING_LIMIT_MS = { request: 5_000, command: PROBE_LIMIT_MS };

/** Asks an engine, by a command or by its API, with a time limit. */
export function askWithinLimit(question: Question, signal?: AbortSignal, limitMs = ASK_LIMIT_MS): Promise<Answer> {
  return 'path' in question
    ? askByRequest(question, limitMs.request, signal)
    : askByCommand(question, limitMs.command, signal);
}

/** Should this run be killed, its post step knows the command by this. */
function marked(command: Command, mark: Record<string, string>): Command {
  return { ...command, env: { ...command.env, ...mark } };
}

/** A cancelled run has moments left to remove what its builds left. */
function askForCleanUp(
  signal: AbortSignal,
  mark: Record<string, string>,
): (command: Command, until?: AbortSignal) => Promise<Answer> {
  return (command, until = signal) =>
    signal.aborted
      ? askByCommand(marked(command, mark), CANCELLED_ASK_LIMIT_MS)
      : askByCommand(marked(command, mark), CLEAN_UP_LIMIT_MS, until);
}

/** Everything that building images does to the world: real processes, files and timers of this run. */
export function createBuildEffects(of: {
  engine: Engine;
  images: ImageSpec[];
  /** Where the images are to be loaded from; absent: they are built. */
  archived: ReadonlyMap<string, ArchiveSource> | undefined;
  /** Reads what builds begin with; absent: nobody asks. */
  leadingSteps?: Plan['leadingSteps'];
  folder: RunFolder;
  scratch: ScratchFolder;
  secrets: ProvidedSecrets;
  sampler: ResourceSampler;
  now: ReturnType<typeof createClock>;
  record(event: JournalEvent): void;
  signal: AbortSignal;
  settings: RunSettings;
  /** What earlier runs taught, as it becomes known. */
  history: HistorySource;
  /** This machine's `time(1)`, once it has been tried; undefined until then, and where there is none. */
  time(): TimeCommand | undefined;
}): RunEffects {
  const events = of.engine.events();
  const mark = markOf(of.scratch.path);
  const patience = abortLater(of.signal, CANCELLED_ASK_LIMIT_MS);
  const ask = (question: Question, signal?: AbortSignal, limitMs = ASK_LIMIT_MS) =>
    askWithinLimit('path' in question ? question : marked(question, mark), signal, limitMs);
  const names = attemptFiles(of.images);
  const archives = createArchiveFiles(workspace(), of.scratch.path);
  let temporaryFiles = 0;
  const temporaryFile = (name: string) => {
    temporaryFiles += 1;
    return of.scratch.temporaryFile(`${temporaryFiles}-${name}`);
  };
  return {
    engine: of.engine,
    making:
      of.archived === undefined
        ? makeByBuild(of.engine, createReuse(of.settings.fresh === true, runAgeOn(of.engine, ask)))
        : makeByLoad(of.engine, of.archived, { archives, temporaryFile, signal: of.signal }),
    start: (image, command, files, onStep) => {
      const time = of.time();
      const builtIn = of.secrets.buildBegins(image.context);
      // A build is known by its arguments, and has the user's environment.
      const known = of.archived === undefined ? command : marked(command, mark);
      const child = startBuild(known, of.folder.logPath(files.log), of.now, {
        reader: createStepReader(of.engine.facts.dialect, onStep),
        redactor: of.secrets.redactor,
        timed: time === undefined ? undefined : putTimeBefore(time, command, files.figures),
      });
      void child.ended.then(builtIn);
      return child;
    },
    startCommand: (command, log) =>
      startBuild(marked(command, mark), of.folder.logPath(log), of.now, {
        redactor: of.secrets.redactor,
        header: `$ ${formatCommand(command)}`,
      }),
    history: of.history,
    instructionsOf: ({ file }) => (file === undefined ? undefined : countInstructions(file)),
    joinLane: of.settings.sharedLane ? laneJoiner(of) : undefined,
    restorerOf: (run) =>
      restorerFor({
        ...of,
        ...run,
        files: archives,
        scratch: of.scratch.path,
        ask: (question) => ask(question, patience),
        work: (command) => askByCommand(marked(command, mark), WORK_LIMIT_MS, run.over),
      }),
    handOffs: handOffsOf(of.settings.handOffs, of.engine, process.env),
    archives,
    spaceFor: ({ folder }) =>
      spaceIn([of.scratch.path, ...(folder === undefined ? [] : [resolve(workspace(), folder)])]),
    handOffLog: (image, to, attempt) => names(image, attempt, to).log,
    temporaryFile,
    ask: (question) => ask(question, patience),
    // A cancelled run waits for no answer: it has its summary to write.
    ping: async (signal = of.signal) => readPing(await ask(of.engine.ping(), signal, PING_LIMIT_MS)),
    files: (image, attempt) => {
      const { id, figures, log } = names(image, attempt);
      return { iidfile: of.scratch.filePath(id), figures: of.scratch.filePath(figures), log };
    },
    takeId: of.scratch.takeLine,
    vitals: of.sampler.vitals,
    servingSince: of.sampler.servingSince,
    track: of.sampler.trackAttempt,
    ...(followsSteps(of.engine) ? { trackStep: of.sampler.reachStep } : {}),
    untrack: of.sampler.endAttempt,
    now: of.now,
    sleep,
    ...(of.leadingSteps === undefined ? {} : { leadingSteps: afterThis(of.leadingSteps) }),
    copied,
    measureContext: of.archived === undefined ? measureContext : async () => undefined,
    askPatiently: askForCleanUp(of.signal, mark),
    readTrace: readTraceBy(of.engine, of.folder.logPath),
    openStream:
      events === undefined
        ? undefined
        : () => ('path' in events ? streamByRequest(events) : streamByCommand(marked(events, mark))),
    act: createRecovery({ ...of, recoveryCommand: of.settings.recoveryCommand, run: askByCommand }),
    timer,
    cleanUp: of.settings.cleanup
      ? createHostCleanUp({
          ...of,
          ask: askForCleanUp(of.signal, mark),
          storage: of.sampler.storage,
          logPath: of.folder.logPath,
        })
      : NO_CLEAN_UP,
    record: of.record,
    signal: of.signal,
  };
}
