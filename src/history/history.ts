import { z } from 'zod';
import type { EngineFacts } from '../journal/events.js';

/** Of each engine so many runs are remembered, and of each image so many builds; the oldest go first. */
const MOST_RUNS = 20;
const MOST_BUILDS = 8;
/**
 * Beyond these, all builds of so many of the remembered runs in which the engine died: who builds alone since is not to be
 * forgotten for it. Of all images, as who was in flight together tells who is to blame.
 */
const MOST_DEADLY_RUNS = 4;
const MOST_IMAGES = 1_000;
const MOST_ENGINES = 8;
/** Of each build so many incidents are told apart, the first of its run. */
export const MOST_INCIDENTS = 20;
/** Of each image the steps of one build, its newest that succeeded. */
const MOST_STEPS = 40;
/** Longer names are not remembered, and longer steps in part. */
export const LONGEST_NAME = 256;
const LONGEST_STEP = 120;

const name = z.string().max(LONGEST_NAME);
const amount = z.number().nonnegative().max(Number.MAX_SAFE_INTEGER);

const build = z.object({
  /** Id of its run, and when that began. */
  run: name,
  at: amount,
  /** Of the successful attempt; absent when none was. */
  ms: amount.optional(),
  peakBytes: amount.optional(),
  contextBytes: amount.optional(),
  sizeBytes: amount.optional(),
  /** Deaths of the engine with it in flight. */
  incidents: amount,
  /** Which of its run's incidents these were, 1 for the first; it tells who was in flight together. */
  incidentNumbers: z.array(amount).max(MOST_INCIDENTS).optional(),
  /** Steps that were not cached, in their order; kept with the newest build alone that has any. */
  steps: z.array(z.object({ text: z.string().max(LONGEST_STEP), ms: amount })).optional(),
});

const image = z.object({ engine: name, name, builds: z.array(build) });

const run = z.object({
  id: name,
  /** When it began. */
  at: amount,
  engine: name,
  startLane: amount,
  /** Whether earlier runs had taught it to begin with less than it was allowed. */
  laneLearnt: z.literal(true).optional(),
  endLane: amount,
  /** The most builds that ran at the same time. */
  mostAtOnce: amount.optional(),
  mode: z.enum(['parallel', 'reduced', 'serial']),
  incidents: amount,
  result: z.enum(['success', 'failure', 'cancelled', 'interrupted']),
  durationMs: amount,
  /** Of the machine that the engine runs on, as far as it is known. */
  cpus: amount.optional(),
  memoryBytes: amount.optional(),
});

const schema = z.object({ schema: z.literal(1), runs: z.array(run), images: z.array(image) });

/** What earlier runs taught. Two histories merge to the same whatever the order, so that none needs a lock. */
export type History = z.infer<typeof schema>;
export type PastRun = z.infer<typeof run>;
export type PastImage = z.infer<typeof image>;
export type PastBuild = z.infer<typeof build>;

/** Nothing is known. */
export const NO_HISTORY: History = { schema: 1, runs: [], images: [] };

/** What tells engines apart whose figures cannot be compared: who builds, and through what. */
export function engineKey({ name, dialect }: Pick<EngineFacts, 'name' | 'dialect'>): string {
  return `${name}/${dialect}`;
}

/** Reads what `formatHistory` wrote; undefined for anything else, such as another version's or a damaged text. */
export function parseHistory(text: string): History | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { data } = schema.safeParse(value);
  return data === undefined ? undefined : mergeHistories([data]);
}

/** The history as JSON on one line. */
export function formatHistory(history: History): string {
  return `${JSON.stringify(history)}\n`;
}

/** The newest of all that several histories know, within the bounds of one. What two of them know counts once. */
export function mergeHistories(histories: readonly History[]): History {
  const runs = distinct(
    histories.flatMap((history) => history.runs),
    ({ id, engine }) => `${engine} ${id}`,
  );
  const engines = new Map<string, PastRun[]>();
  for (const one of runs) engines.set(one.engine, [...(engines.get(one.engine) ?? []), one].slice(0, MOST_RUNS));
  const images = new Map<string, PastImage>();
  for (const one of histories.flatMap((history) => history.images)) {
    const key = `${one.engine} ${one.name}`;
    const known = images.get(key);
    images.set(key, known === undefined ? one : { ...one, builds: [...known.builds, ...one.builds] });
  }
  const kept = [...engines.values()].slice(0, MOST_ENGINES);
  const deadly = new Set(
    kept.flatMap((its) =>
      its
        .filter(({ incidents }) => incidents > 0)
        .slice(0, MOST_DEADLY_RUNS)
        .map(({ id }) => id),
    ),
  );
  return {
    schema: 1,
    runs: kept.flat(),
    images: [...images.values()]
      .map((one) => ({ ...one, builds: newestBuilds(one.builds, deadly) }))
      .filter(({ builds }) => builds.length > 0)
      .sort((a, b) => newestFirst(latest(a), latest(b)) || byText(`${a.engine} ${a.name}`, `${b.engine} ${b.name}`))
      .slice(0, MOST_IMAGES),
  };
}

/** Steps as they are remembered: cut in number and length. */
export function boundSteps(steps: readonly { text: string; ms: number }[]): { text: string; ms: number }[] {
  return steps.slice(0, MOST_STEPS).map(({ text, ms }) => ({ text: stepKey(text), ms }));
}

/** By this text a step is remembered. */
export function stepKey(text: string): string {
  return text.slice(0, LONGEST_STEP);
}

function newestBuilds(all: readonly PastBuild[], deadly: ReadonlySet<string>): PastBuild[] {
  // Of the same build one copy may have lost its steps.
  const withStepsFirst = [...all].sort((a, b) => Number(b.steps !== undefined) - Number(a.steps !== undefined));
  const known = distinct(withStepsFirst, ({ run: id }) => id);
  const builds = known.filter((one, index) => index < MOST_BUILDS || deadly.has(one.run));
  const told = builds.find(({ steps }) => steps !== undefined);
  return builds.map((one) => {
    if (one === told) return { ...one, steps: boundSteps(one.steps ?? []) };
    const { steps, ...rest } = one;
    return rest;
  });
}

/** The first of each key, newest first. */
function distinct<T extends { at: number }>(all: readonly T[], key: (one: T) => string): T[] {
  const known = new Map<string, T>();
  for (const one of all) if (!known.has(key(one))) known.set(key(one), one);
  return [...known.values()].sort((a, b) => newestFirst(a.at, b.at) || byText(key(a), key(b)));
}

function latest({ builds }: PastImage): number {
  return builds[0]?.at ?? 0;
}

function newestFirst(a: number, b: number): number {
  return b - a;
}

function byText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
