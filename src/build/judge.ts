import type { ClientDialect, Ending, Verdict } from '../journal/events.js';
import { classify, needsEngineState } from '../verdict/classify.js';
import type { AttemptEffects } from './attempt.js';
import type { BuildEnd } from './build-process.js';
import { mebibytes } from './disk-decision.js';

/** What an attempt may run out of; absent figures could not be had, or are not known yet. */
export interface Vitals {
  /** Kills for want of memory on this machine since it started. */
  oomKills?: number;
  /** Free space where the engine keeps its images, and how much there was when that was first known. */
  diskFreeBytes?: number;
  firstDiskFreeBytes?: number;
  /** Whether the engine works on this machine. */
  engineIsHere?: boolean;
  /** Memory of the engine's machine, and what of it was available when that was last looked at, if it is this machine. */
  memoryBytes?: number;
  memoryAvailableBytes?: number;
}

const NO_IMAGE = 'the client reported success and the engine has no such image';

/**
 * The verdict on an attempt that left no image; the engine is asked only where its state decides. `missing` says what is not
 * there that a success leaves; `dialect` reads the words of a client that is not the builder.
 */
export async function judge(
  ending: Ending,
  said: BuildEnd,
  startedAt: number,
  before: Vitals,
  effects: AttemptEffects,
  { missing = NO_IMAGE, dialect = effects.engine.facts.dialect }: { missing?: string; dialect?: ClientDialect } = {},
): Promise<Verdict> {
  const after = effects.vitals();
  const known = before.oomKills !== undefined && after.oomKills !== undefined && after.engineIsHere === true;
  const oomKills = known ? (after.oomKills as number) - (before.oomKills as number) : undefined;
  const evidence = {
    dialect,
    ending,
    imageExists: false,
    stdout: said.stdout,
    stderr: said.stderr,
    ...(oomKills === undefined ? {} : { oomKills }),
  };
  const engineDied = needsEngineState(evidence) ? await diedSince(startedAt, effects) : undefined;
  const verdict = classify(engineDied === undefined ? evidence : { ...evidence, engineDied });
  if (verdict === undefined) return { class: 'build-failed', evidence: [missing] };
  const succeeded = ending.kind === 'exited' && ending.code === 0;
  if (succeeded && verdict.class === 'build-failed')
    return { ...verdict, evidence: missing === NO_IMAGE ? [...verdict.evidence, missing] : [missing] };
  return verdict.class === 'resources-exhausted' ? withFreeSpace(verdict, before, after) : verdict;
}

/** A process's start is told to hundredths of a second. */
const START_MARGIN_MS = 50;

/**
 * Whether the engine died within an attempt: its sentinel dropped, it does not answer at this moment, or another server
 * answers than the one that the attempt began on. A server that is told to end may hold the sentinel's stream for seconds
 * while its successor answers already (seen: podman 4.3.1, rootless).
 */
async function diedSince(startedAt: number, effects: AttemptEffects): Promise<boolean> {
  const [answer, incident] = await Promise.all([effects.ping(), effects.incidents.noticed(startedAt)]);
  if (incident !== undefined) return true;
  // A ping of a cancelled run is cut short, and says nothing.
  if (effects.signal.aborted) return false;
  if (!answer.alive) return true;
  const since = effects.servingSince();
  return since !== undefined && since > startedAt + START_MARGIN_MS;
}

/** Full disks are told by what was free before and after, where that can be seen. */
function withFreeSpace(verdict: Verdict, before: Vitals, after: Vitals): Verdict {
  // The first attempts begin before it is known where images are stored.
  const freeBefore = before.diskFreeBytes ?? after.firstDiskFreeBytes;
  if (freeBefore === undefined || after.diskFreeBytes === undefined) return verdict;
  const free = `free where images are stored: ${mebibytes(freeBefore)} before, ${mebibytes(after.diskFreeBytes)} after`;
  return { ...verdict, evidence: [...verdict.evidence, free] };
}
