import type { BuildTrace } from '../engine/build-trace.js';
import type { Answer, Command } from '../engine/engine.js';
import type { HandOff } from '../handoff/hand-off.js';
import { runsOf } from '../history/expectations.js';
import type { RunResult, Verdict } from '../journal/events.js';
import type { ImageSpec } from '../plan/image-spec.js';
import { createIncidents } from '../recover/incidents.js';
import { type EventStream, watchEngine } from '../recover/sentinel.js';
import { firstLane, handOffLimit, type Lane, laneAfterIncident, laneMode } from '../schedule/lane.js';
import { learntLane } from '../schedule/learnt-lane.js';
import { createScheduler, type NotStarted } from '../schedule/scheduler.js';
import type { SharedLane } from '../schedule/shared-lane.js';
import type { AttemptEffects } from './attempt.js';
import { createAwaitedImages } from './awaited-images.js';
import { type ContextEffects, createContexts } from './contexts.js';
import { mebibytes } from './disk-decision.js';
import { createDiskGate, type DueTurn } from './disk-gate.js';
import { createExpectedBytes } from './expected-bytes.js';
import { createHandOver, type HandOverEffects } from './hand-over.js';
import { type ImageRunEffects, runImage } from './image-run.js';
import { createMemoryGate } from './memory-gate.js';
import { createPruner, NO_PRUNING } from './pruner.js';
import { createRanking, type RankingEffects } from './ranking.js';
import { NO_RESTORING, type Restorer, type RestorerEffects } from './restorer.js';
import type { RunSettings } from './settings.js';
import { createSiblings, type SiblingEffects } from './siblings.js';

const ATTEMPTS_END_WITHIN_MS = 1_000;
const ATTEMPTS_END_STEP_MS = 20;

/** The first builds have begun by then, and a shorter run is hardly worth the asking. */
const PREPARE_CLEAN_UP_AFTER_MS = 2_000;

const END_PASSES = 3;
const END_WAIT_MS = 10_000;
const CANCELLED_CLEAN_UP_MS = 1_500;

export interface RunEffects
  extends Omit<AttemptEffects, 'incidents' | 'stallTimeoutMs' | 'deadline' | 'deadlineMs'>,
    Pick<HandOverEffects, 'startCommand' | 'handOffLog' | 'temporaryFile' | 'archives' | 'spaceFor'>,
    Pick<ContextEffects, 'measureContext'>,
    Pick<RankingEffects, 'history' | 'instructionsOf'>,
    Pick<SiblingEffects, 'leadingSteps' | 'copied'> {
  /** The lane of all runs on the engine, with what it calls when there may be room; undefined where it is not shared. */
  joinLane?: ((limit: number, onRoom: () => void) => SharedLane) | undefined;
  /** What of earlier runs images can be taken from; absent: every image is built. */
  restorerOf?(run: Pick<RestorerEffects, 'inTurn' | 'whyNoRoom' | 'over' | 'stopped'>): Restorer;
  /** Where built images go, one after the other. */
  handOffs: readonly HandOff[];
  /** Ends early when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Runs a command that may take long, as it removes gigabytes. */
  askPatiently(command: Command): Promise<Answer>;
  /** Reads the trace of a build from its log, by the log's name. */
  readTrace(log: string): Promise<BuildTrace>;
  /** Opens the engine's events stream; undefined when it has none, as it has no server. */
  openStream: (() => EventStream) | undefined;
  /** Tries to bring the engine back, once, within so many milliseconds, and records what it did. */
  act(incident: number, evidence: string[], inFlight: string[], limitMs: number, signal: AbortSignal): Promise<void>;
}

/**
 * Builds every image after those that it needs, and hands it over: at most as many attempts at a time as the lane allows,
 * none while an incident is open. All that happens is recorded as events; resolves with the run's result, and with whether all is removed that interrupted builds left;
 * never rejects for a failed build.
 */
export async function buildImages(
  images: ImageSpec[],
  settings: RunSettings,
  effects: RunEffects,
): Promise<{ result: RunResult; clean: boolean }> {
  const { now, record, signal } = effects;
  const building = new Set<string>();
  const handing = new Set<string>();
  /** Images that are built, and have not come to their end. */
  const finishing = new Set<string>();
  const inFlight = () => [...building, ...handing];
  const background: Promise<void>[] = [];
  let lane = firstLane(settings.maxParallel, settings.serialAfter);
  let stopped: Verdict | undefined;
  let allEnded = false;

  const deadline = new AbortController();
  const deadlineAt = settings.deadlineMs === undefined ? Number.POSITIVE_INFINITY : now() + settings.deadlineMs;
  const cancelDeadline = settings.deadlineMs === undefined ? () => {} : effects.timer(settings.deadlineMs, expire);
  const done = new AbortController();
  /** Nothing begins any more, and what runs goes on to its end. */
  const noMore = new AbortController();
  /** Nothing is waited for any more: cancelled, out of time, or everything is built. */
  const over = AbortSignal.any([signal, deadline.signal, done.signal]);
  const contexts = createContexts(images, effects, over);
  const incidents = createIncidents(
    { mode: settings.recovery, timeoutMs: settings.recoveryTimeoutMs, deadlineAt },
    {
      ping: () => effects.ping(over),
      act: (incident, evidence, limitMs) => effects.act(incident, evidence, inFlight(), limitMs, over),
      now,
      sleep: (ms) => effects.sleep(ms, over),
      record,
      inFlight,
      cleanUp,
      signal: over,
      onOpen: (incident) => {
        ranking.died(building);
        narrowLane(incident);
        // A huge context may be what the engine died of.
        background.push(contexts.measure(new Set(building)));
      },
    },
  );
  const ranking = createRanking(images, contexts, { ...effects, lanes: () => lane.limit });
  const sharedLane = effects.joinLane?.(lane.limit, () => scheduler.wake());
  const scheduler = createScheduler(lane.limit, incidents, sharedLane);
  const handOffLane = createScheduler(handOffLimit(lane), incidents);
  const { stallTimeoutMs, deadlineMs = 0 } = settings;
  const attemptEffects: AttemptEffects = {
    ...effects,
    incidents,
    stallTimeoutMs,
    deadline: deadline.signal,
    deadlineMs,
  };
  const mayWait = (delayMs: number) => now() + delayMs < deadlineAt;
  const { retry } = settings;
  const shared = { ...attemptEffects, retry, whyNotStarted };
  const wake = () => {
    scheduler.wake();
    handOffLane.wake();
  };
  const freeBytes = () => effects.vitals().diskFreeBytes;
  const noBuildRuns = () => building.size === 0;
  const isPruned = settings.prune && effects.handOffs.length > 0;
  const pruner = isPruned
    ? createPruner({ ...effects, images, lane: handOffLane, freeBytes, noBuildRuns, wake, over })
    : NO_PRUNING;
  const diskGate = createDiskGate({
    ...effects,
    minFreeBytes: settings.minFreeDiskBytes,
    othersRun,
    wake,
  });
  const memoryGate = createMemoryGate({
    ...effects,
    peakBytes: ranking.peakBytes,
    building: () => images.filter(({ name }) => building.has(name)),
    wake,
  });
  const handOver = createHandOver(effects.handOffs, {
    ...effects,
    ...shared,
    turns: { scheduler: handOffLane, signal: over, mayWait },
    handing,
    diskGate,
  });
  const restorer =
    effects.restorerOf?.({ over, stopped: noMore.signal, whyNoRoom, inTurn: restoreInTurn }) ?? NO_RESTORING;
  const expectedBytes = createExpectedBytes(effects.engine, effects.history, contexts);
  const siblings = createSiblings(
    images,
    effects.engine.facts.dialect,
    { ...effects, contextBytes: expectedBytes.context, wake: scheduler.wake },
    over,
  );
  const imageEffects: ImageRunEffects = {
    ...shared,
    siblings,
    reached: siblings.reached,
    turns: { scheduler, signal: over, mayWait },
    awaited: createAwaitedImages(images),
    restorer,
    building,
    finishing,
    handOver,
    diskGate,
    memoryGate,
    ranking,
    expectedBytes,
    pruner,
    onFailure: failFast,
    whyCancelled: () => (signal.aborted ? stopped : undefined),
  };
  if (signal.aborted) cancel();
  else signal.addEventListener('abort', cancel, { once: true });

  // Without it the first builds begin in this very moment.
  if (isPruned) await pruner.begin();
  const all = images.map((image) => runImage(image, imageEffects));
  const watching = watch();
  void effects.history.arrival?.then(learnLate);
  background.push(siblings.begin(), contexts.measureAll());
  const cancelPreparing = effects.timer(PREPARE_CLEAN_UP_AFTER_MS, () => {
    if (!over.aborted) background.push(effects.cleanUp.prepare(over));
  });
  const results = await Promise.all(all);
  allEnded = true;
  const finished = await finishHandOffs();
  await restorer.settled();
  diskGate.stop();
  memoryGate.stop();
  sharedLane?.close();
  await pruner.finish();
  cancelDeadline();
  cancelPreparing();
  const clean = await cleanUpAtEnd();
  done.abort();
  await watching;
  // A run can end before its last incident does; it must not be heard of after the run.
  await incidents.opened();
  await Promise.all(background);
  const allBuilt = results.every((result) => result === 'success');
  return {
    result: signal.aborted ? 'cancelled' : allBuilt && finished ? 'success' : 'failure',
    // A server can go on for a moment after its clients were ended, and leave more: the post step looks once more.
    clean: clean && !effects.cleanUp.leftSomething() && !signal.aborted,
  };

  /** What hand-offs do once for all images; what cannot be done fails the run, whose images have ended. */
  async function finishHandOffs(): Promise<boolean> {
    const failures = await Promise.all(effects.handOffs.map((handOff) => handOff.finish?.(effects.archives)));
    const said = failures.filter((failure) => failure !== undefined);
    for (const message of said) record({ type: 'warning', at: now(), message });
    return said.length === 0;
  }

  function narrowLane(incident: number): void {
    const next = laneAfterIncident(lane);
    changeLane(next, next.limit === 1 ? `after incident ${incident} builds go one at a time` : `incident ${incident}`);
  }

  /** It does nothing where the run began with it. An incident of this run says more than earlier ones. */
  function learnLate(): void {
    if (over.aborted || allEnded || incidents.count() > 0) return;
    const learnt = learntLane(runsOf(effects.history.now(), effects.engine.facts), lane.limit);
    if (learnt.limit < lane.limit) changeLane(firstLane(learnt.limit, settings.serialAfter), learnt.why, true);
  }

  function changeLane(next: Lane, why: string, learnt?: true): void {
    const from = lane.limit;
    lane = next;
    if (lane.limit === from) return;
    scheduler.setLimit(lane.limit);
    sharedLane?.setLimit(lane.limit);
    handOffLane.setLimit(handOffLimit(lane));
    const how = learnt === undefined ? {} : { learnt };
    record({ type: 'lane-changed', at: now(), from, lane: lane.limit, mode: laneMode(lane), why, ...how });
  }

  function whyNoRoom(bytes: number): string | undefined {
    const free = freeBytes();
    const least = settings.minFreeDiskBytes ?? 0;
    if (free === undefined || free - bytes >= least) return undefined;
    return `there is no room for its archive: ${mebibytes(free)} are free, expected ${mebibytes(bytes + least)}`;
  }

  /** Beside the hand-offs, which are as much work. */
  async function restoreInTurn<T>(image: ImageSpec, load: () => Promise<T>): Promise<T | undefined> {
    const turn = await handOffLane.run({ rank: () => ranking.rank(image), run: load });
    return 'ran' in turn ? turn.ran : undefined;
  }

  /** A build waits for all hand-offs, and a hand-off for none that waits itself: they would wait for each other. */
  function othersRun({ isHandOff }: DueTurn, held: (image: string) => boolean): boolean {
    const goesOn = [...finishing].some((name) => !isHandOff || !held(name));
    return inFlight().length > 0 || goesOn || pruner.makeRoom();
  }

  /** What died with the engine has ended within moments of it; what goes on regardless is not waited for. */
  async function cleanUp(incident: number): Promise<void> {
    const until = now() + ATTEMPTS_END_WITHIN_MS;
    while (inFlight().length > 0 && now() < until && !over.aborted) await effects.sleep(ATTEMPTS_END_STEP_MS, over);
    await effects.cleanUp.run({ incident, engineAnswers: true });
  }

  /** The engine can die once more in this; it is waited for, though not for long. */
  async function cleanUpAtEnd(): Promise<boolean> {
    for (let pass = 1; pass <= END_PASSES; pass += 1) {
      const enough = effects.sleep(END_WAIT_MS, over).then(() => false);
      const engineAnswers = await Promise.race([incidents.opened(), enough]);
      const cleaning = effects.cleanUp.run({ engineAnswers });
      // A cancelled run has its reports to write; what is not removed by then, its post step removes.
      const isDone = signal.aborted ? Promise.race([cleaning, patience()]) : cleaning;
      if (await isDone) return true;
      if (signal.aborted) return false;
      await incidents.noticed(now());
    }
    return false;
  }

  function patience(): Promise<false> {
    return new Promise((resolve) => effects.timer(CANCELLED_CLEAN_UP_MS, () => resolve(false)));
  }

  /** Holds the sentinel until the run is over. */
  async function watch(): Promise<void> {
    const { openStream } = effects;
    if (openStream === undefined) return;
    await watchEngine({
      openStream,
      ping: () => effects.ping(over),
      died: (since, evidence) => incidents.report(since, [evidence]),
      nextIncident: incidents.next,
      opened: incidents.opened,
      now,
      sleep: (ms) => effects.sleep(ms, over),
      record,
      over,
    });
  }

  function stop(verdict: 'cancelled' | 'timeout', reason: string): void {
    stopped ??= { class: verdict, evidence: [reason] };
    noMore.abort();
    scheduler.stop();
  }

  function cancel(): void {
    stop('cancelled', `the run was cancelled (${String(signal.reason)})`);
    handOffLane.stop();
  }

  /** What is built already is handed over all the same. */
  function failFast(image: ImageSpec): void {
    if (settings.failFast) stop('cancelled', `fail-fast: "${image.name}" failed`);
  }

  function expire(): void {
    stop('timeout', `the deadline of ${Math.round((settings.deadlineMs ?? 0) / 1000)} s for the whole run passed`);
    handOffLane.stop();
    deadline.abort();
  }

  function whyNotStarted(notStarted: NotStarted): Verdict {
    if (stopped !== undefined) return stopped;
    if (notStarted === 'stopped') return { class: 'cancelled', evidence: ['the run was stopped'] };
    const seconds = Math.round(settings.recoveryTimeoutMs / 1000);
    const within = settings.recovery === 'none' ? 'and recovery is none' : `within ${seconds} s`;
    return {
      class: 'engine-crash',
      evidence: [`the engine did not answer again ${within} after incident ${incidents.count()}`],
    };
  }
}
