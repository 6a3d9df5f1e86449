import type { Engine } from '../engine/engine.js';
import { contextBytes, expectedMs, incidentsOf } from '../history/expectations.js';
import type { History } from '../history/history.js';
import type { HistorySource } from '../history/history-source.js';
import type { JournalEvent } from '../journal/events.js';
import type { ImageSpec } from '../plan/image-spec.js';
import { findSuspects, whyExclusive } from '../schedule/exclusive.js';
import { rankJobs } from '../schedule/order.js';
import { expectedDurations } from '../schedule/weight.js';
import type { Contexts } from './contexts.js';
import { peakOf } from './start-lane.js';

/** What has become known since is looked at this often: an order of thousands of images takes its time. */
const LOOK_EVERY_MS = 1_000;

export interface RankingEffects {
  engine: Engine;
  /** What earlier runs taught; it may come while builds run. */
  history: HistorySource;
  /** How many instructions the image's Containerfile has; undefined when it cannot be read. */
  instructionsOf(image: ImageSpec): number | undefined;
  /** How many builds may run at once now. */
  lanes(): number;
  now(): number;
  record(event: JournalEvent): void;
}

/** The order of a run's images, and which of them build alone, by what is known of them at each moment. */
export interface Ranking {
  /** The lowest goes first. */
  rank(image: ImageSpec): number;
  isAlone(image: ImageSpec): boolean;
  /** How much memory its build is expected to need at its peak, in bytes. */
  peakBytes(image: ImageSpec): number | undefined;
  /** The engine died with these images in flight. */
  died(names: Iterable<string>): void;
}

/** Ranks by the longest chain of builds that an image begins, as the lane is soonest done with it, and tells once of each image that builds alone by itself. */
export function createRanking(
  images: readonly ImageSpec[],
  contexts: Pick<Contexts, 'known'>,
  { engine, history, instructionsOf, lanes, now, record }: RankingEffects,
): Ranking {
  /** Who was in flight at each incident of this run. */
  const deaths: string[][] = [];
  const told = new Set<string>();
  const instructions = new Map<string, number | undefined>();
  let ranks = new Map<string, number>();
  let rankedAt = Number.NEGATIVE_INFINITY;
  let rankedBy: History | undefined;
  let suspects: ReadonlyMap<string, number> = new Map();
  /** Of a history, which is searched for each image once. */
  let peaks = new Map<string, number | undefined>();

  return {
    rank(image) {
      look();
      return ranks.get(image.name) ?? 0;
    },
    isAlone(image) {
      look();
      const { name, exclusive } = image;
      const why = whyExclusive(image, suspects);
      if (why !== undefined && exclusive === undefined && !told.has(name)) {
        told.add(name);
        record({ type: 'warning', at: now(), message: `"${name}" builds alone: ${why} (exclusive: false forbids it)` });
      }
      return why !== undefined;
    },
    peakBytes(image) {
      look();
      return peaks.get(image.name);
    },
    died(names) {
      deaths.push([...names]);
      suspect(history.now());
    },
  };

  function look(): void {
    const known = history.now();
    if (known === rankedBy && now() - rankedAt < LOOK_EVERY_MS) return;
    if (known !== rankedBy) {
      suspect(known);
      peaks = new Map(images.map((image) => [image.name, peakOf(image, known, engine)]));
    }
    rankedBy = known;
    rankedAt = now();
    const durations = expectedDurations(images.map((image) => knownOf(image, known)));
    const jobs = images.map(({ name, needs }) => ({ name, needs, ms: durations.get(name) ?? 0 }));
    ranks = rankJobs(jobs, lanes());
  }

  function suspect(known: History): void {
    suspects = findSuspects([...incidentsOf(known, engine.facts), ...deaths], images);
  }

  function knownOf(image: ImageSpec, known: History) {
    const { name } = image;
    const ms = expectedMs(known, engine.facts, name);
    if (ms !== undefined) return { name, expectedMs: ms };
    const bytes = contexts.known(image)?.bytes ?? contextBytes(known, engine.facts, name);
    if (!instructions.has(name)) instructions.set(name, instructionsOf(image));
    const count = instructions.get(name);
    return {
      name,
      ...(bytes === undefined ? {} : { contextBytes: bytes }),
      ...(count === undefined ? {} : { instructions: count }),
    };
  }
}
