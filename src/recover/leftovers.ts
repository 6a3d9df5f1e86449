import type { BuildTrace } from '../engine/build-trace.js';
import type { Stored } from '../engine/leftovers.js';
import { runsInstruction } from '../engine/step-command.js';

/** An attempt that did not come to its own end: what it made is not removed by whoever made it. */
export interface Interrupted {
  startedAt: number;
  endedAt: number;
  trace: BuildTrace;
  /** Its log may lack its last words, as whoever wrote it was killed: the build may be one step further. */
  logCut?: boolean;
}

/**
 * Whether some build that still runs may have made a thing that was born then: it would have to have lived at that
 * moment. Undefined where processes cannot be seen.
 */
export type MayLive = (bornAt: number) => boolean | undefined;

/** What may be removed, and sentences on what was left because it could not be told. */
export interface Choice {
  ids: string[];
  left: string[];
}

/** An image that the attempts did not make, or none at all (`FROM scratch`). */
const FOREIGN = '';

/** A server goes on for so long when its client has been ended. */
const GOES_ON_MS = 2_000;

/** Some engines tell times in whole seconds. */
const SECOND_MS = 1_000;

/**
 * The working containers that these attempts left: born within one of them, on a base that its output names, or named
 * by the output themselves, and no more of them than the attempts can have made. Where there are more, or a build that
 * still runs may have made them, all are left: a container of somebody else must never be taken for ours.
 */
export function chooseContainers(
  found: readonly Stored[],
  interrupted: readonly Interrupted[],
  mayLive: MayLive,
): Choice {
  const traces = interrupted.map(({ trace }) => trace);
  const named = (id: string) => traces.some(({ containers }) => containers.some((start) => id.startsWith(start)));
  const windows = interrupted.map((attempt) => (isSilent(attempt.trace) ? goneOn(attempt) : attempt));
  const born = found.filter(({ bornAt }) => bornAt !== undefined && windows.some(during(bornAt)));
  const choice: Choice = { ids: born.filter(({ id }) => named(id)).map(({ id }) => id), left: [] };

  // The legacy builder of docker names its containers; its storage holds the containers of everybody else too.
  if (traces.some(({ containers }) => containers.length > 0)) return choice;
  const isUntold = ({ base, midway }: Stored) => midway === true && printed(base, traces) === 0;
  const late = interrupted.map(goneOn);
  const untold = found.filter((one) => isUntold(one) && late.some(during(one.bornAt)));
  const groups = groupBy(
    born.filter((one) => !isUntold(one)),
    ({ base }) => (printed(base, traces) > 0 ? base : FOREIGN),
  );
  const ofServer = chooseUntold(untold, interrupted.length, mayLive);
  choice.ids.push(...ofServer.ids);
  for (const [base, containers] of groups) {
    const live = containers.map(({ bornAt }) => mayLive(bornAt as number));
    const cut = live.includes(true) ? 0 : interrupted.filter(({ logCut }) => logCut === true).length;
    const most = mostOf(base, traces, live.includes(true), cut);
    if (most === undefined) choice.left.push(`${count(containers)}: a build that still runs may work in it`);
    // Where no process can be seen, one of somebody else's may be there in the place of one of ours.
    else if (containers.length > most || (base === FOREIGN && live.includes(undefined) && containers.length < most)) {
      choice.left.push(`${count(containers)}: our builds have made ${most} on that base`);
    } else choice.ids.push(...containers.map(({ id }) => id));
  }
  choice.left.push(...ofServer.left);
  return choice;
}

/**
 * Nobody is told the steps of a server that goes on without its client. What it worked in then is ours when it has died
 * since, and nothing lives that may work there: one container for each attempt at most.
 */
function chooseUntold(found: readonly Stored[], attempts: number, mayLive: MayLive): Choice {
  if (found.length === 0) return { ids: [], left: [] };
  const live = found.map(({ bornAt }) => mayLive(bornAt as number));
  if (live.includes(true)) return { ids: [], left: [`${count(found)}: a build that still runs may work in it`] };
  if (live.includes(undefined))
    return { ids: [], left: [`${count(found)}: nobody can see whether a build works in it`] };
  if (found.length <= attempts) return { ids: found.map(({ id }) => id), left: [] };
  return { ids: [], left: [`${count(found)}: our builds can have left ${attempts} that they do not tell of`] };
}

/**
 * The layers that these attempts left: named by the output of one of them as made, not as found, and born within it.
 * Only layers that nothing is built on are ever listed, so what a later attempt used stays.
 */
export function chooseLayers(found: readonly Stored[], interrupted: readonly Interrupted[]): string[] {
  const isOurs = ({ id, bornAt }: Stored) =>
    interrupted.some(
      (attempt) => during(bornAt)(attempt) && attempt.trace.layers.some((start) => id.startsWith(start)),
    );
  return found.filter(isOurs).map(({ id }) => id);
}

/** A process of a build step that an OCI runtime still has. */
export interface StepProcess {
  /** Zero when it has ended. */
  pid: number;
  bornAt: number;
  /** Its arguments, the program first. */
  args: string[];
  /** Whether what started it is gone. */
  orphaned: boolean;
  /** It has ended, and the runtime still keeps its state (`runc list` calls it stopped). */
  ended?: boolean;
}

/**
 * The processes of steps that were running in these attempts when their engine died. Of one that has ended, its runtime's
 * state is left, unless a build that still runs may be about to remove that itself.
 */
export function chooseProcesses<T extends StepProcess>(
  found: readonly T[],
  interrupted: readonly Interrupted[],
  mayLive: MayLive,
): T[] {
  return found.filter(
    ({ orphaned, ended, bornAt, args }) =>
      (ended === true ? mayLive(bornAt) === false : orphaned) &&
      interrupted.some((attempt) => during(bornAt)(attempt) && runsInstruction(args, attempt.trace.lastStep)),
  );
}

/** A folder in which a podman server or a build keeps something for as long as it works. */
export interface WorkFolder {
  path: string;
  kind: 'context' | 'bundle';
  bornAt: number;
}

/**
 * The temporary folders that these attempts left: born within one of them, made by nothing that still runs, and no more
 * than one of a kind for each attempt.
 */
export function chooseFolders(
  found: readonly WorkFolder[],
  interrupted: readonly Interrupted[],
  mayLive: MayLive,
): string[] {
  const born = found.filter(({ bornAt }) => interrupted.some(during(bornAt)) && mayLive(bornAt) === false);
  return [...groupBy(born, ({ kind }) => kind).values()]
    .filter((folders) => folders.length <= interrupted.length)
    .flatMap((folders) => folders.map(({ path }) => path));
}

/** As Map.groupBy, which Node 20 does not have. */
function groupBy<T, K>(things: readonly T[], keyOf: (thing: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const thing of things) {
    const group = groups.get(keyOf(thing));
    if (group === undefined) groups.set(keyOf(thing), [thing]);
    else group.push(thing);
  }
  return groups;
}

function during(bornAt: number | undefined): (attempt: Interrupted) => boolean {
  if (bornAt === undefined) return () => false;
  const inSeconds = bornAt % SECOND_MS === 0;
  return ({ startedAt, endedAt }) =>
    bornAt <= endedAt && bornAt >= (inSeconds ? Math.floor(startedAt / SECOND_MS) * SECOND_MS : startedAt);
}

function goneOn(attempt: Interrupted): Interrupted {
  return { ...attempt, endedAt: attempt.endedAt + GOES_ON_MS };
}

/** Whether the output tells nothing, though the server may have begun. */
function isSilent({ unnamed, layers, cached, lastStep }: BuildTrace): boolean {
  return unnamed === 0 && layers.length === 0 && cached.length === 0 && lastStep === '';
}

/** How often the attempts' output names this image as made or found: each time a step may have begun on it. */
function printed(base: string, traces: readonly BuildTrace[]): number {
  if (base === FOREIGN) return 0;
  const named = traces.flatMap(({ layers, cached }) => [...layers, ...cached]);
  return named.filter((start) => base.startsWith(start)).length;
}

/**
 * The most containers on this base that the attempts can have made; undefined where nothing tells them from those of a
 * build that still runs. A stage may begin on what an earlier stage made.
 */
function mostOf(base: string, traces: readonly BuildTrace[], othersLive: boolean, cut: number): number | undefined {
  // A client that was ended before it could tell anything may have begun one step.
  const unnamed = sum(traces.map((trace) => (isSilent(trace) ? 1 : trace.unnamed)));
  if (base === FOREIGN) return othersLive ? undefined : unnamed + cut;
  const made = traces.some(({ layers }) => layers.some((start) => base.startsWith(start)));
  return printed(base, traces) + (made && !othersLive ? unnamed + cut : cut);
}

function count(containers: readonly Stored[]): string {
  return containers.length === 1 ? '1 working container' : `${containers.length} working containers`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
