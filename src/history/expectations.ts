import type { EngineFacts } from '../journal/events.js';
import { engineKey, type History, MOST_INCIDENTS, type PastBuild, type PastRun, stepKey } from './history.js';

type EngineKind = Pick<EngineFacts, 'name' | 'dialect'>;

/** What is expected of a build goes by so many of its last, so that what has changed is soon believed. */
const LAST_BUILDS = 5;

/** How long a successful attempt of the image took on this engine, in milliseconds: the median of the last five. */
export function expectedMs(history: History, engine: EngineKind, image: string): number | undefined {
  const known = lastFigures(history, engine, image, ({ ms }) => ms);
  return known.length === 0 ? undefined : median(known);
}

/** How much memory a build of the image took at its peak, in bytes: the most of the last five in which that was known. */
export function expectedPeakBytes(history: History, engine: EngineKind, image: string): number | undefined {
  const known = lastFigures(history, engine, image, ({ peakBytes }) => peakBytes);
  return known.length === 0 ? undefined : Math.max(...known);
}

/** How large the image was when it was last built, in bytes. */
export function expectedBytes(history: History, engine: EngineKind, image: string): number | undefined {
  return lastFigures(history, engine, image, ({ sizeBytes }) => sizeBytes)[0];
}

/** What the image's context folder held when it was last measured, in bytes, before any ignore file. */
export function contextBytes(history: History, engine: EngineKind, image: string): number | undefined {
  return lastFigures(history, engine, image, (build) => build.contextBytes)[0];
}

/** How long a step took in the image's last successful build in which it was not cached, in milliseconds. */
export function expectedStepMs(history: History, engine: EngineKind, image: string, text: string): number | undefined {
  const steps = buildsOf(history, engine, image).find((build) => build.steps !== undefined)?.steps;
  return steps?.find((step) => step.text === stepKey(text))?.ms;
}

/** Names of the images that were in flight at each incident that is remembered of each image: those of its last eight builds, and of the last four runs that had any. */
export function incidentsOf(history: History, engine: EngineKind): string[][] {
  const key = engineKey(engine);
  const incidents = new Map<string, string[]>();
  for (const image of history.images) {
    if (image.engine !== key) continue;
    for (const build of image.builds) {
      for (const number of numbersOf(build)) {
        const incident = `${number} ${build.run}`;
        const names = incidents.get(incident) ?? [];
        names.push(image.name);
        incidents.set(incident, names);
      }
    }
  }
  return [...incidents.values()];
}

/** Without numbers it was kept by a version that only counted: the first ones of the run, then. */
function numbersOf({ incidents, incidentNumbers }: PastBuild): number[] {
  return incidentNumbers ?? Array.from({ length: Math.min(incidents, MOST_INCIDENTS) }, (_, index) => index + 1);
}

/** The last twenty runs on this engine, the newest first: which lane each began and ended with, and what became of it. */
export function runsOf(history: History, engine: EngineKind): PastRun[] {
  const key = engineKey(engine);
  return history.runs.filter((run) => run.engine === key);
}

/** Names of the images of which something is known on this engine. */
export function imagesOf(history: History, engine: EngineKind): string[] {
  const key = engineKey(engine);
  return history.images.filter((image) => image.engine === key).map(({ name }) => name);
}

/** Newest first. */
function buildsOf(history: History, engine: EngineKind, image: string): PastBuild[] {
  const key = engineKey(engine);
  return history.images.find((one) => one.engine === key && one.name === image)?.builds ?? [];
}

function lastFigures(
  history: History,
  engine: EngineKind,
  image: string,
  figure: (build: PastBuild) => number | undefined,
): number[] {
  return buildsOf(history, engine, image)
    .flatMap((build) => figure(build) ?? [])
    .slice(0, LAST_BUILDS);
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[middle - 1] as number, sorted[middle] as number];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}
