import type { AttemptSample, EngineSample, HostSample } from '../../journal/events.js';
import type { AttemptReport, IncidentReport, RunReport, Sample, StepReport } from '../../journal/run-report.js';
import { namesInFlight } from '../in-flight.js';
import { present } from '../present.js';

/** What was looked at before a death counts towards it for so long. */
const WINDOW_MS = 30_000;

/** A build that was in flight when the engine died. */
export interface InFlight {
  image: string;
  attempt: number;
  /** The step that it was at, when its output had named one. */
  step?: StepReport;
  /** How long the attempt had run. */
  runMs: number;
  /** Memory of its processes; with a served engine that of client and step, and absent where the step's is not known. */
  rssBytes?: number;
  context?: { bytes: number; files: number; complete: boolean; ignoreFile: boolean };
}

/** Builds that are looked at one by one; more are counted. */
const MOST_IN_FLIGHT = 50;

/** How engine and host were when the engine died. A figure that could not be had is absent. */
export interface StateAtDeath {
  /** The first of them, with what is known of each. */
  inFlight: InFlight[];
  builds: number;
  /** Names of the hand-offs that were in flight, as `api → kind:e2e`. */
  handOffs: string[];
  /** Of the last look before the death. */
  host: HostSample;
  engine: EngineSample;
  /** Over the seconds before it. */
  cpuMeanPercent?: number;
  loadPeak?: number;
  memoryLeastBytes?: number;
  memoryPressurePeak?: number;
  cpuPressurePeak?: number;
  ioPressurePeak?: number;
  engineRssPeakBytes?: number;
  /** Kills for want of memory from the look before the death to the one after it. */
  oomKills?: number;
  /** Whether the server that answered after it is the same process. */
  sameServer?: boolean;
}

/** Reads off the samples and attempts of a run how things stood when this incident began. */
export function stateAtDeath(report: RunReport, incident: IncidentReport): StateAtDeath {
  const at = incident.openedAt;
  const before = report.samples.filter((sample) => sample.at <= at);
  const window = before.filter((sample) => sample.at >= at - WINDOW_MS);
  const last = before.at(-1);
  const names = namesInFlight(incident, report);
  const state: StateAtDeath = {
    inFlight: inFlight(report, names.builds, at, last),
    builds: names.builds.length,
    handOffs: names.handOffs,
    host: last?.host ?? {},
    engine: last?.engine ?? {},
  };
  const cpu = figures(window, ({ host }) => host.cpuPercent);
  return {
    ...state,
    ...present(
      'cpuMeanPercent',
      cpu.length === 0 ? undefined : cpu.reduce((sum, value) => sum + value, 0) / cpu.length,
    ),
    ...present('loadPeak', most(figures(window, ({ host }) => host.load1))),
    ...present(
      'memoryLeastBytes',
      least(figures(window, ({ host, engine }) => engine?.memoryFreeBytes ?? host.memoryAvailableBytes)),
    ),
    ...present('memoryPressurePeak', most(figures(window, ({ host }) => host.memoryPressurePercent))),
    ...present('cpuPressurePeak', most(figures(window, ({ host }) => host.cpuPressurePercent))),
    ...present('ioPressurePeak', most(figures(window, ({ host }) => host.ioPressurePercent))),
    ...present('engineRssPeakBytes', most(figures(window, ({ engine }) => engine?.rssBytes))),
    ...present('oomKills', oomKills(report.samples, at)),
    ...present('sameServer', sameServer(report.samples, incident)),
  };
}

/** Memory of the machine that builds, in bytes: of the engine's own where it has one. */
export function builderMemory(report: RunReport): number {
  return report.engineMachine?.memoryBytes ?? report.host.memoryBytes;
}

/** CPUs of the machine that builds. */
export function builderCpus(report: RunReport): number {
  return report.engineMachine?.cpus ?? report.host.cpus;
}

function inFlight(report: RunReport, names: readonly string[], openedAt: number, last?: Sample): InFlight[] {
  const wanted = new Set(names.slice(0, MOST_IN_FLIGHT));
  return report.images
    .filter(({ name }) => wanted.has(name))
    .flatMap(({ name, attempts, context }) => {
      const attempt = attempts.findLast((candidate) => isAt(candidate, openedAt));
      if (attempt === undefined) return [];
      const sample = last?.attempts?.find(({ image, attempt: number }) => image === name && number === attempt.number);
      return [
        {
          image: name,
          attempt: attempt.number,
          runMs: openedAt - attempt.startedAt,
          ...present(
            'step',
            attempt.steps.findLast(({ at }) => at <= openedAt),
          ),
          ...present('rssBytes', memoryOf(sample, report)),
          ...present('context', context),
        },
      ];
    });
}

/** Of a server's build the client's own is the least of it, and would pass for all of it. */
function memoryOf(sample: AttemptSample | undefined, { engine }: RunReport): number | undefined {
  if (!engine.served) return sample?.rssBytes;
  return sample?.stepRssBytes === undefined ? undefined : sample.stepRssBytes + (sample.rssBytes ?? 0);
}

function isAt(attempt: AttemptReport, at: number): boolean {
  return attempt.startedAt <= at && (attempt.endedAt === undefined || attempt.endedAt >= at);
}

/** The look after the death is the first that can have seen a kill that caused it. */
function oomKills(samples: readonly Sample[], at: number): number | undefined {
  const before = samples.findLast((sample) => sample.at <= at && sample.host.oomKills !== undefined);
  const after = samples.find((sample) => sample.at > at && sample.host.oomKills !== undefined);
  const [from, to] = [before?.host.oomKills, after?.host.oomKills];
  return from === undefined || to === undefined ? undefined : Math.max(0, to - from);
}

/** Only once the engine has answered: until then the look may be at the one that is dying. */
function sameServer(samples: readonly Sample[], { openedAt, closedAt, answered }: IncidentReport): boolean | undefined {
  const before = samples.findLast((sample) => sample.at <= openedAt && sample.engine?.pid !== undefined)?.engine?.pid;
  const after = samples.find((sample) => sample.at > (closedAt ?? openedAt) && sample.engine?.pid !== undefined);
  if (before === undefined || after === undefined || answered !== true) return undefined;
  return before === after.engine?.pid;
}

function figures(samples: readonly Sample[], read: (sample: Sample) => number | undefined): number[] {
  return samples.flatMap((sample) => read(sample) ?? []);
}

function most(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((peak, value) => Math.max(peak, value));
}

function least(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((low, value) => Math.min(low, value));
}
