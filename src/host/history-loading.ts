import { expectedMs, imagesOf, runsOf } from '../history/expectations.js';
import { type History, NO_HISTORY } from '../history/history.js';
import type { HistorySource } from '../history/history-source.js';
import { cacheKeyPrefix, scopeName } from '../history/scope.js';
import type { Inputs } from '../inputs/inputs.js';
import type { EngineFacts, JournalEvent } from '../journal/events.js';
import { toldOfCacheService } from './cache-service.js';
import { restoreHistory } from './cached-history.js';
import { timer } from './clock.js';
import { historyFolder, type ReadHistory, readHistoryFolder } from './history-files.js';
import { historyScope } from './history-scope.js';
import { markOf } from './orphans.js';

/** After so long the first build starts without a history that has not come. */
const FIRST_BUILD_MS = 1_000;
/** For a service that hangs: what comes later is of no use to most runs. */
const LIMIT_MS = 60_000;

type Place = Pick<Extract<JournalEvent, { type: 'history-loaded' }>, 'from' | 'folder'>;
type Loaded = ReadHistory & { place?: Place };

/** The history of earlier runs, as it comes. */
export interface LoadingHistory extends HistorySource {
  /** Resolves when it is there, when it may be waited for no longer, or when the run is cancelled. Never rejects. */
  inTime(): Promise<void>;
  /** Records what was loaded, now or when it comes; of images whose builds have been announced, what is expected too. */
  tell(of: {
    engine: EngineFacts;
    images: readonly { name: string }[];
    record(event: JournalEvent): void;
    now(): number;
  }): void;
  /** What has not come by now is of no use any more. */
  stop(): void;
}

/**
 * Begins to load what earlier runs taught: by the cache service where the runner told of one, else from this user's
 * files, which may lie on a slow disk. Whatever goes wrong with it becomes a warning.
 */
export function loadHistory(inputs: Inputs, scratch: string, signal: AbortSignal): LoadingHistory {
  const over = new AbortController();
  const beganAt = performance.now();
  let known: History = NO_HISTORY;
  let loaded: Loaded | undefined;
  const scope = historyScope(inputs.engine);
  const loading = inputs.cache === 'off' || !inputs.learn ? Promise.resolve() : load();

  return {
    now: () => known,
    arrival: loading,
    async inTime() {
      if (signal.aborted) return;
      const patience = Math.max(0, FIRST_BUILD_MS - (performance.now() - beganAt));
      await new Promise<void>((resolve) => {
        const cancel = timer(patience, resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
        void loading.then(() => {
          cancel();
          resolve();
        });
      });
    },
    tell({ engine, images, record, now }) {
      const inTime = loaded !== undefined;
      void loading.then(() => {
        if (loaded === undefined || over.signal.aborted) return;
        for (const message of loaded.warnings) record({ type: 'warning', at: now(), message });
        if (loaded.place === undefined) return;
        const about = { images: imagesOf(known, engine).length, runs: runsOf(known, engine).length };
        const expected = inTime ? undefined : expectedOf(known, engine, images);
        record({ type: 'history-loaded', at: now(), ...loaded.place, ...about, ...(expected && { expected }) });
      });
    },
    stop: () => over.abort(),
  };

  async function load(): Promise<void> {
    try {
      loaded = toldOfCacheService(process.env) ? await askService() : await readFiles();
    } catch (error) {
      loaded = notUsed(error instanceof Error ? error.message : String(error));
    }
    known = loaded.history;
  }

  async function askService(): Promise<Loaded> {
    const ends = AbortSignal.any([signal, over.signal]);
    const call = { temporary: scratch, limitMs: LIMIT_MS, mark: markOf(scratch), signal: ends };
    const restored = await restoreHistory(cacheKeyPrefix(scope), call);
    if (restored.kind === 'none') return readFiles();
    if (restored.kind === 'answered') return { ...restored, place: { from: 'cache-service' } };
    // A run that is over before the service has answered has missed nothing.
    return ends.aborted ? { history: NO_HISTORY, warnings: [] } : notUsed(`the cache service: ${restored.why}`);
  }

  async function readFiles(): Promise<Loaded> {
    const folder = historyFolder(scopeName(scope));
    return { ...(await readHistoryFolder(folder)), place: { from: 'file', folder } };
  }
}

function notUsed(why: string): Loaded {
  return { history: NO_HISTORY, warnings: [`what earlier runs taught is not used: ${why}`] };
}

/** How long each image is expected to take, in milliseconds, as far as that is known. */
function expectedOf(history: History, engine: EngineFacts, images: readonly { name: string }[]) {
  return images.flatMap(({ name: image }) => {
    const ms = expectedMs(history, engine, image);
    return ms === undefined ? [] : [{ image, ms }];
  });
}
