import { randomUUID } from 'node:crypto';
import { imagesOf, runsOf } from '../history/expectations.js';
import { type History, NO_HISTORY } from '../history/history.js';
import { learnFrom } from '../history/learn.js';
import { cacheKeyPrefix, scopeName } from '../history/scope.js';
import type { Inputs } from '../inputs/inputs.js';
import { foldJournal } from '../journal/fold.js';
import { parseJournal } from '../journal/lines.js';
import type { RunReport } from '../journal/run-report.js';
import { formatKnown } from '../report/history-text.js';
import { toldOfCacheService } from './cache-service.js';
import { isDamaged, restoreHistory, saveHistory } from './cached-history.js';
import { addToHistoryFolder, historyFolder } from './history-files.js';
import { historyScope } from './history-scope.js';
import { readJournal } from './run-folder.js';
import { temporaryFolder } from './scratch-folder.js';
import { showLine, showWarning } from './step-log.js';

/** For each of the two calls: the job waits for its post steps. */
const LIMIT_MS = 15_000;
/** A damaged entry is told in less; what takes longer is a service that is down, which is not asked again. */
const DAMAGE_TOLD_MS = 5_000;

/**
 * Keeps what the run in this folder taught, by its journal, together with what is known by now: another run may have
 * kept something meanwhile. Whatever goes wrong is a warning.
 */
export async function keepHistory({ cache, engine }: Pick<Inputs, 'cache' | 'engine'>, folder: string): Promise<void> {
  if (cache === 'off' || folder === '') return;
  const { events } = parseJournal(readJournal(folder) ?? '');
  // Nothing was begun, or somebody has taken the reports away.
  if (!events.some(({ type }) => type === 'run-started')) return;
  const report = foldJournal(events);
  const scope = historyScope(engine);
  try {
    if (toldOfCacheService(process.env) && (await keepInService(report, cacheKeyPrefix(scope)))) return;
    const place = historyFolder(scopeName(scope));
    const { history, warnings } = await addToHistoryFolder(place, (known) => learnFrom(known, report));
    warnings.forEach(showWarning);
    showLine(`history: kept; ${describe(history, report)} (files in ${place})`);
  } catch (error) {
    notKept(error instanceof Error ? error.message : String(error));
  }
}

/** Resolves with false when there is no service after all. */
async function keepInService(report: RunReport, keyPrefix: string): Promise<boolean> {
  const call = { temporary: temporaryFolder(), limitMs: LIMIT_MS };
  const askedAt = performance.now();
  const known = await restoreHistory(keyPrefix, call);
  if (known.kind === 'none') return false;
  // Saved without what is known already, this run's entry would take the place of all the others.
  if (known.kind === 'failed') {
    const isSoon = performance.now() - askedAt < DAMAGE_TOLD_MS;
    const damaged = isSoon && (await isDamaged(keyPrefix, known.why, { ...call, limitMs: DAMAGE_TOLD_MS }));
    if (!damaged) return notKept(`the cache service: ${known.why}`);
    showWarning(`the cache service's newest entry cannot be read, and is begun anew: ${known.why}`);
  } else known.warnings.forEach(showWarning);
  const history = learnFrom(known.kind === 'failed' ? NO_HISTORY : known.history, report);
  const { GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT } = process.env;
  // Entries never change, and the jobs of a run are told apart by nothing that we are told.
  const key = `${keyPrefix}${GITHUB_RUN_ID ?? 0}-${GITHUB_RUN_ATTEMPT ?? 0}-${randomUUID().slice(0, 8)}`;
  const saved = await saveHistory(key, history, call);
  if (saved.kind === 'failed') return notKept(`the cache service: ${saved.why}`);
  if (saved.kind === 'done') showLine(`history: kept; ${describe(history, report)} (cache service)`);
  return saved.kind === 'done';
}

function notKept(why: string): true {
  showWarning(`what this run taught is not kept: ${why}`);
  return true;
}

function describe(history: History, { engine }: RunReport): string {
  return formatKnown({ images: imagesOf(history, engine).length, runs: runsOf(history, engine).length });
}
